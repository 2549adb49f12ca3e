"""vietqr.vn: tells of movements by transaction-sync, makes codes, and is asked about orders.

Its messages by api.vietqr.vn; both spellings of their fields are read, transactionId and
transactionid. Making a code (`/vqr/api/qr/generate-customer`) and asking (`check-order`, whose
checkSum is an MD5) follow public programs; neither was ever tried against vietqr.vn itself.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from chassis.canonical import canonical_json
from chassis.money import Money
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice, Verdict
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
)
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Adapter,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    Reply,
    SignIn,
    UnusableReply,
)
from services.payment.providers.credit_feed import (
    METHODS,
    Account,
    Dong,
    Id,
    Memo,
    none_if_empty,
    read_body,
    read_reply,
)

BY_ORDER: Final = 0
BY_REFERENCE: Final = 1
PAID: Final = 1
# Times are milliseconds, and seconds in older messages.
MILLISECONDS_FROM: Final = 10**11


def lower_case(value: Any) -> Any:
    """Older messages write transactionId where newer ones write transactionid; never both."""
    if not isinstance(value, Mapping):
        return value
    lowered = {str(name).lower(): one for name, one in value.items()}
    if len(lowered) != len(value):
        raise ValueError("a field is there in two spellings")
    return lowered


def unix_time(value: Any) -> datetime:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**14:
        raise ValueError("not a time")
    if value >= MILLISECONDS_FROM:
        return datetime.fromtimestamp(value // 1000, UTC)
    return datetime.fromtimestamp(value, UTC)


UnixTime = Annotated[datetime, BeforeValidator(unix_time)]
OrderName = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,19}$")]
MaybeOrder = Annotated[OrderName | None, BeforeValidator(none_if_empty)]


class Movement(BaseModel):
    model_config = ConfigDict(extra="ignore")

    bankaccount: Account
    amount: Annotated[Dong, Field(gt=0)]
    transtype: Literal["C", "D"]
    content: Memo = None
    transactiontime: UnixTime
    referencenumber: Id
    orderid: MaybeOrder = None

    @model_validator(mode="before")
    @classmethod
    def lower_case(cls, value: Any) -> Any:
        return lower_case(value)

    def to_notice(self) -> ProviderNotice:
        """Named by the bank's reference: the one name that an answer to check-order has too."""
        return ProviderNotice(
            provider_reference=self.referencenumber,
            amount=Money(self.amount),
            # A debit leaves the account, and pays nobody's fee.
            outcome=Outcome.SUCCEEDED if self.transtype == "C" else Outcome.PENDING,
            paid_at=self.transactiontime,
            order_reference=self.orderid,
            purpose=self.content,
            account_number=self.bankaccount,
        )


class CheckedOrder(BaseModel):
    """Status 0: not paid yet, 1: paid, 2: cancelled. What is not paid has no reference yet."""

    model_config = ConfigDict(extra="ignore")

    referencenumber: str | None = None
    orderid: MaybeOrder = None
    amount: Annotated[Dong, Field(gt=0)]
    content: Memo = None
    transtype: Literal["C", "D"]
    status: Literal[0, 1, 2]
    timepaid: Annotated[UnixTime | None, BeforeValidator(lambda value: value or None)] = None

    @model_validator(mode="before")
    @classmethod
    def lower_case(cls, value: Any) -> Any:
        return lower_case(value)

    @property
    def brought_money(self) -> bool:
        return self.status == PAID and self.transtype == "C"

    def to_notice(self, question: Question, reply: Reply) -> ProviderNotice:
        if not self.referencenumber:
            raise UnusableReply("paid, and no reference of the bank")
        return ProviderNotice(
            provider_reference=self.referencenumber,
            amount=Money(self.amount),
            outcome=Outcome.SUCCEEDED,
            paid_at=self.timepaid or reply.received_at,
            order_reference=self.orderid,
            purpose=self.content,
            account_number=question.account_number,
        )


class GivenToken(BaseModel):
    access_token: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,4096}$")]


class MadeCode(BaseModel):
    qrLink: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]{1,500}$")]  # noqa: N815


CHECKED: Final = TypeAdapter(Annotated[list[CheckedOrder], Field(max_length=100)])
TOKEN: Final = TypeAdapter(GivenToken)
CODE: Final = TypeAdapter(MadeCode)


def vietqr(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        read_notice=lambda raw: read_body(Movement, config.name, raw).to_notice(),
        answer=answer,
        sign_in=SignIn(
            request=lambda _call: sign_in_request(config),
            read=lambda reply: read_reply(TOKEN, reply).access_token,
        ),
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, _call: checkout_request(config, order),
            read=lambda _order, reply: Checkout(pay_url=read_reply(CODE, reply).qrLink),
        ),
        enquiry=EnquiryWay(
            request=lambda question, _call: enquiry_request(config, question), read=read_enquiry
        ),
    )


def answer(_raw: bytes, verdict: Verdict) -> ProviderAnswer:
    said = {
        "error": False,
        "errorReason": "000",
        "toastMessage": "",
        "object": {"reftransactionid": verdict.provider_reference},
    }
    return ProviderAnswer(body=canonical_json(said))


def sign_in_request(config: ProviderConfig) -> OutgoingRequest:
    pair = f"{config.secrets['api_username']}:{config.secrets['api_password']}"
    headers = {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return OutgoingRequest(
        method="POST", url=f"{config.url}/vqr/api/token_generate", headers=headers
    )


def order_reference(seed: OrderSeed) -> str:
    """At most 19 letters and digits."""
    return f"{seed.bill_reference}{seed.number:02d}"


def checkout_request(config: ProviderConfig, order: CheckoutOrder) -> OutgoingRequest:
    """So that vietqr.vn knows the order by its name, and can be asked about it."""
    return _post(
        f"{config.url}/vqr/api/qr/generate-customer",
        {
            "bankCode": config.facts["bank_code"],
            "bankAccount": config.facts["account_number"],
            "userBankName": config.facts["account_name"],
            "content": order.bill_reference,
            "qrType": 0,
            "amount": order.amount.minor_units,
            "orderId": order.order_reference,
            "transType": "C",
        },
    )


def enquiry_request(config: ProviderConfig, question: Question) -> OutgoingRequest:
    account = question.account_number or config.facts["account_number"]
    summed = f"{account}{config.secrets['api_username']}"
    by_reference = question.provider_reference is not None
    return _post(
        f"{config.url}/vqr/api/transactions/check-order",
        {
            "bankAccount": account,
            "type": BY_REFERENCE if by_reference else BY_ORDER,
            "value": question.provider_reference or question.order_reference or "",
            "checkSum": hashlib.md5(summed.encode(), usedforsecurity=False).hexdigest(),
        },
    )


def read_enquiry(question: Question, reply: Reply) -> EnquiryAnswer:
    """It knows only orders whose code it made, so that hearing of none says nothing of the money
    of an order; but of a movement that it has itself told us of, it does."""
    checked = read_reply(CHECKED, reply)
    if not checked and question.provider_reference is None:
        raise UnusableReply("not an order of theirs")
    for one in checked:
        if question.provider_reference not in (None, one.referencenumber):
            raise UnusableReply("about another movement")
        if question.provider_reference is None and one.orderid != question.order_reference:
            raise UnusableReply("about another order")
    notices = tuple(one.to_notice(question, reply) for one in checked if one.brought_money)
    return EnquiryAnswer(
        outcome=Outcome.SUCCEEDED if notices else Outcome.FAILED,
        notices=notices,
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def _post(url: str, said: Mapping[str, Any]) -> OutgoingRequest:
    return OutgoingRequest(
        method="POST",
        url=url,
        headers={"content-type": "application/json"},
        body=canonical_json(dict(said)),
    )
