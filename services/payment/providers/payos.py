"""PayOS: a bank transfer by VietQR to an account that PayOS watches for the merchant.

Publicly documented: creating a link with its five signed fields, the webhook and its signature
over the sorted pairs of `data`, asking about a link, and that answers are signed in the same way.
[K], not verified against PayOS itself: code 101 for a link that does not exist, and how nested
lists are written when an answer is signed. PayOS has no call for paying back.

A link that does not exist has no data and so no signature; that word counts because we asked at an
address of our choosing over TLS, and it moves no money.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import httpx
from pydantic import BaseModel, Field, StrictInt

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    Question,
)
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Adapter,
    Call,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    RefusedByProvider,
    Reply,
    UnusableReply,
)
from services.payment.providers.reading import (
    Camel,
    Dong,
    LocalTime,
    Name,
    PageUrl,
    Text,
    as_pairs,
    hmac_sha256_hex,
    json_request,
    local_time,
    read_json,
    read_notice_body,
    read_value,
)

METHODS: Final = frozenset({Method.VIETQR, Method.BANK_TRANSFER})
SIGNED: Final = ("amount", "cancelUrl", "description", "orderCode", "returnUrl")
DONE: Final = "00"
NO_SUCH_LINK: Final = "101"
# Banks that share no account with PayOS leave room for 9 letters of a memo, the others for 25.
MEMO_LENGTH_MAX: Final = 25
ORDER_CODE_BITS: Final = 53
OUTCOMES: Final = {
    "PAID": Outcome.SUCCEEDED,
    # Something came, and not yet all: whoever pays the rest makes it whole.
    "UNDERPAID": Outcome.PENDING,
    "PENDING": Outcome.PENDING,
    "PROCESSING": Outcome.PENDING,
    "CANCELLED": Outcome.FAILED,
    "EXPIRED": Outcome.FAILED,
    "FAILED": Outcome.FAILED,
}

OrderCode = Annotated[StrictInt, Field(gt=0, lt=2**ORDER_CODE_BITS)]
Account = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,50}$")]
Absent = Annotated[str, Field(pattern=r"^$")]
Data = TypeVar("Data", bound=BaseModel)


class Transfer(Camel):
    """One credit to the account, as the webhook and the answer about a link both tell it."""

    amount: Dong
    account_number: Account
    reference: Name
    description: Text
    transaction_date_time: LocalTime
    virtual_account_number: Account | Absent | None = None


class WebhookData(Transfer):
    order_code: OrderCode
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "VND"
    code: Annotated[str, Field(max_length=20)] = DONE


class Webhook(Camel):
    data: WebhookData


class LinkData(Camel):
    order_code: OrderCode
    amount: Dong
    account_number: Account
    checkout_url: PageUrl


class AskedData(Camel):
    id: Name
    order_code: OrderCode
    amount: Dong
    status: Annotated[str, Field(max_length=40)]
    transactions: Annotated[tuple[Transfer, ...], Field(max_length=100)]


def payos(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        read_notice=lambda raw: read_notice(config, raw),
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, _call: create_request(config, order),
            read=lambda order, reply: read_created(config, order, reply),
        ),
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, question, call),
            read=lambda question, reply: read_enquiry(config, question, reply),
        ),
        needs=frozenset({"client_id", "api_key", "checksum_key"}),
    )


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    said = read_notice_body(Webhook, raw, config.name).data
    outcome = Outcome.SUCCEEDED if said.code == DONE else Outcome.FAILED
    return _notice(config, said, said.order_code, currency=said.currency, outcome=outcome)


def order_reference(seed: OrderSeed) -> str:
    """PayOS names orders by numbers that a double can hold.

    A million attempts meet with a chance of 1 in 18,000, and PayOS refuses the second of two.
    """
    named = f"{seed.bill_reference}|{seed.number}|{seed.started_at.timestamp():.6f}"
    digest = int.from_bytes(hashlib.sha256(named.encode()).digest(), "big")
    return str(digest % (2**ORDER_CODE_BITS - 1) + 1)


def create_request(config: ProviderConfig, order: CheckoutOrder) -> OutgoingRequest:
    said: dict[str, object] = {
        "orderCode": int(order.order_reference),
        "amount": order.amount.minor_units,
        # The bank's memo: short, and found again by the bill it names.
        "description": order.bill_reference[:MEMO_LENGTH_MAX],
        "cancelUrl": order.return_url,
        "returnUrl": order.return_url,
    }
    pairs = as_pairs({name: said[name] for name in SIGNED})
    more = {
        "expiredAt": int(order.expires_at.timestamp()),
        "signature": hmac_sha256_hex(config.secrets["checksum_key"], pairs),
    }
    url = f"{config.url}/v2/payment-requests"
    return json_request(url, said | more, _named(config))


def read_created(config: ProviderConfig, order: CheckoutOrder, reply: Reply) -> Checkout:
    code, said = _read_signed(config, LinkData, reply)
    if said is None:
        raise RefusedByProvider(code)
    if (str(said.order_code), said.amount) != (order.order_reference, order.amount.minor_units):
        raise UnusableReply("not the order that was made")
    # Without virtual accounts every payer is shown the merchant's own, which names no order.
    own = said.account_number == config.facts.get("account_number")
    return Checkout(pay_url=said.checkout_url, alias_account=None if own else said.account_number)


def enquiry_request(config: ProviderConfig, question: Question, _call: Call) -> OutgoingRequest:
    if question.order_reference is None or not question.order_reference.isdigit():
        raise UnusableReply("PayOS is asked by the order alone")
    return OutgoingRequest(
        method="GET",
        url=f"{config.url}/v2/payment-requests/{question.order_reference}",
        headers=_named(config),
    )


def read_enquiry(config: ProviderConfig, question: Question, reply: Reply) -> EnquiryAnswer:
    code, said = _read_signed(config, AskedData, reply)
    proof = {"url": reply.request.url}
    if said is None:
        if code != NO_SUCH_LINK:
            raise UnusableReply(code)
        return EnquiryAnswer(
            outcome=Outcome.FAILED, raw=reply.body, proof=proof, evidence_level=HELD_BY_BOTH
        )
    if str(said.order_code) != question.order_reference or said.status not in OUTCOMES:
        raise UnusableReply("about something else")
    outcome = OUTCOMES[said.status]
    if outcome is Outcome.SUCCEEDED and not said.transactions:
        raise UnusableReply("paid, and not said what")
    # Money that came is told of even where the link ended without being paid in full.
    notices = [_notice(config, transfer, said.order_code) for transfer in said.transactions]
    if outcome is Outcome.FAILED and not notices:
        notices.append(_ended(said, at=reply.received_at))
    return EnquiryAnswer(
        outcome=outcome,
        notices=tuple(notices),
        raw=reply.body,
        proof=proof,
        evidence_level=HELD_BY_BOTH,
    )


def _ended(said: AskedData, *, at: datetime) -> ProviderNotice:
    """Said of the link, so that another try may begin: PayOS sends no notice of it."""
    return ProviderNotice(
        provider_reference=said.id,
        order_reference=str(said.order_code),
        amount=Money(said.amount),
        outcome=Outcome.FAILED,
        paid_at=at,
        failure=said.status.lower(),
    )


def _notice(
    config: ProviderConfig,
    transfer: Transfer,
    order_code: int,
    *,
    currency: str = "VND",
    outcome: Outcome = Outcome.SUCCEEDED,
) -> ProviderNotice:
    return ProviderNotice(
        provider_reference=transfer.reference,
        order_reference=str(order_code),
        alias_account=transfer.virtual_account_number or None,
        purpose=transfer.description,
        # Which account PayOS watches is the channel's matter; the payee's own need not be it.
        is_for_us=config.facts.get("account_number") in (None, transfer.account_number),
        amount=Money(transfer.amount, currency),
        outcome=outcome,
        paid_at=local_time(transfer.transaction_date_time),
    )


def _named(config: ProviderConfig) -> dict[str, str]:
    return {
        "x-client-id": config.facts["client_id"],
        "x-api-key": config.secrets["api_key"],
    }


def _read_signed(
    config: ProviderConfig, model: type[Data], reply: Reply
) -> tuple[str, Data | None]:
    """PayOS's own code, and what it signed; nothing where it says that it did nothing."""
    if reply.status != httpx.codes.OK:
        raise UnusableReply(str(reply.status))
    value = read_json(reply.body)
    if not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise UnusableReply("no code")
    data, given = value.get("data"), value.get("signature")
    if value["code"] != DONE:
        return value["code"][:20], None
    if not isinstance(data, dict) or not isinstance(given, str):
        raise UnusableReply("nothing is signed")
    try:
        wanted = hmac_sha256_hex(config.secrets["checksum_key"], _signed_text(data))
        fits = hmac.compare_digest(given.encode(), wanted.encode())
    except UnicodeEncodeError as error:
        raise UnusableReply("half a character") from error
    if not fits:
        raise UnusableReply("the signature does not fit")
    return DONE, read_value(model, data)


def _signed_text(data: dict[str, Any]) -> str:
    """Sorted pairs with nothing escaped; null is nothing, a list is JSON with sorted keys."""
    return as_pairs({name: _written(data[name]) for name in sorted(data)})


def _written(value: Any) -> str:
    if value is None or value in ("null", "undefined"):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
