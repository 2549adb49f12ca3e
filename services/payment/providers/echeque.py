"""Clearing of electronic cheques: a cheque is presented, and clears or is dishonoured days later.

The clearing bank speaks our own form, signed both ways (RFC 9421). Money comes only with its word
`cleared`: a cheque that is presented, or that nobody has answered for, pays nothing.
"""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from chassis.canonical import load_json
from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import Checkout, CheckoutOrder, EnquiryAnswer, Question
from services.payment.providers.adapter import (
    SIGNED_MESSAGE,
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
from services.payment.providers.bank_orders import (
    REFUSED,
    BankKeys,
    Refusal,
    proof_of,
    read_signed,
    signed_order,
    signed_question,
)

METHODS: Final = frozenset({Method.E_CHEQUE})
# Our signature is good for a minute: a cheque that is not there by then was never presented.
NEVER_COMES_AFTER: Final = timedelta(minutes=5)
OUTCOMES: Final = {
    "presented": Outcome.PENDING,
    "cleared": Outcome.SUCCEEDED,
    "dishonoured": Outcome.FAILED,
}
Name = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class Clearing(BaseModel):
    """What became of a cheque, as its clearing bank tells of it and answers for it."""

    model_config = ConfigDict(extra="ignore")

    notice_id: Name | None = None
    clearing_reference: Name
    order_reference: Name
    amount: Annotated[StrictInt, Field(gt=0, le=10**15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    status: Literal["presented", "cleared", "dishonoured"]
    reason: Annotated[str | None, Field(max_length=200)] = None
    decided_at: AwareDatetime

    def to_notice(self) -> ProviderNotice:
        return ProviderNotice(
            notice_id=self.notice_id,
            provider_reference=self.clearing_reference,
            order_reference=self.order_reference,
            amount=Money(self.amount, self.currency),
            outcome=OUTCOMES[self.status],
            paid_at=self.decided_at,
            failure=self.reason if self.status == "dishonoured" else None,
        )


class Presented(BaseModel):
    order_reference: str
    status: Literal["presented", "cleared", "dishonoured"]


class Found(BaseModel):
    order_reference: str
    cheque: Clearing | None


def echeque(config: ProviderConfig, keys: BankKeys) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        settling_evidence_levels=frozenset({SIGNED_MESSAGE}),
        read_notice=lambda raw: read_notice(config.name, raw),
        checkout=_presenting(config, keys) if keys.own else None,
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, keys, question, call),
            read=lambda question, reply: read_enquiry(keys, question, reply),
        ),
    )


def _presenting(config: ProviderConfig, keys: BankKeys) -> CheckoutWay:
    return CheckoutWay(
        order_reference=lambda seed: f"{seed.bill_reference}{seed.number:02d}",
        request=lambda order, call: presentment(config, keys, order, call),
        read=lambda order, reply: read_presented(keys, order, reply),
    )


def read_notice(name: str, raw: bytes) -> ProviderNotice:
    try:
        return Clearing.model_validate(load_json(raw)).to_notice()
    except ValidationError as error:
        places = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
        raise UnreadableNotice(name, places[0] if places else None) from None


def presentment(
    config: ProviderConfig, keys: BankKeys, order: CheckoutOrder, call: Call
) -> OutgoingRequest:
    """One cheque for one order: the same order again is the same presentment."""
    if order.cheque is None:
        raise UnusableReply("no cheque was handed over")
    said: dict[str, Any] = {
        "order_reference": order.order_reference,
        "amount": order.amount.minor_units,
        "currency": order.amount.currency,
        "cheque_number": order.cheque.number,
        "drawee_bank_bin": order.cheque.drawee_bank_bin,
    }
    if order.subject is not None:
        payee = order.subject.payee
        said |= {"payee_bank_bin": payee.bank_bin, "payee_account_number": payee.account_number}
    return signed_order(keys, f"{config.url}/cheques", said, key=order.order_reference, call=call)


def read_presented(keys: BankKeys, order: CheckoutOrder, reply: Reply) -> Checkout:
    if reply.status in REFUSED:
        raise RefusedByProvider(read_signed(Refusal, keys, reply).code)
    if read_signed(Presented, keys, reply).order_reference != order.order_reference:
        raise UnusableReply("about another cheque")
    return Checkout()


def enquiry_request(
    config: ProviderConfig, keys: BankKeys, question: Question, call: Call
) -> OutgoingRequest:
    name = quote(question.order_reference or "", safe="")
    return signed_question(keys, f"{config.url}/cheques/{name}", call)


def read_enquiry(keys: BankKeys, question: Question, reply: Reply) -> EnquiryAnswer:
    """A cheque that is still being cleared is pending, however late: nobody gives up on it here."""
    found = read_signed(Found, keys, reply)
    if found.order_reference != question.order_reference:
        raise UnusableReply("about another cheque")
    if found.cheque is None:
        if reply.received_at - question.since < NEVER_COMES_AFTER:
            raise UnusableReply("not there yet, or never")
        return _answer(Outcome.FAILED, (), reply)
    if found.cheque.order_reference != question.order_reference:
        raise UnusableReply("about another cheque")
    notice = found.cheque.to_notice()
    return _answer(notice.outcome, (notice,), reply)


def _answer(outcome: Outcome, notices: tuple[ProviderNotice, ...], reply: Reply) -> EnquiryAnswer:
    return EnquiryAnswer(
        outcome=outcome,
        notices=notices,
        raw=reply.body,
        proof=proof_of(reply),
        evidence_level=SIGNED_MESSAGE,
    )
