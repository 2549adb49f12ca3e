"""A partner bank that speaks our own form: HTTP message signatures (RFC 9421) both ways.

It reports transfers to the collection accounts by notice, answers for each bill when asked, opens
an account for one fee, and pays back.
"""

from typing import Annotated, Final, Literal
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from chassis.canonical import load_json
from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import EnquiryAnswer, Question
from services.payment.providers.adapter import (
    SIGNED_BODY,
    SIGNED_MESSAGE,
    Adapter,
    Call,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    RefundWay,
    Reply,
    UnusableReply,
)
from services.payment.providers.bank_orders import (
    BankKeys,
    checkout_request,
    proof_of,
    read_checkout,
    read_refund,
    read_signed,
    refund_question,
    refund_request,
    signed_question,
)

METHODS: Final = frozenset({Method.VIETQR, Method.BANK_TRANSFER})

Name = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class BankPayment(BaseModel):
    """One transfer as the bank tells of it; fields that we do not know are ignored."""

    model_config = ConfigDict(extra="ignore")

    notice_id: Name | None = None
    provider_reference: Name
    bill_number: Annotated[str | None, Field(max_length=200)] = None
    purpose: Annotated[str | None, Field(max_length=1000)] = None
    bank_bin: Annotated[str, Field(max_length=20)]
    account_number: Annotated[str, Field(max_length=50)]
    alias_account: Annotated[str | None, Field(max_length=50)] = None
    amount: Annotated[StrictInt, Field(gt=0, le=10**15)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    outcome: Literal["succeeded", "failed", "pending"]
    paid_at: AwareDatetime

    def to_notice(self) -> ProviderNotice:
        return ProviderNotice(
            notice_id=self.notice_id,
            provider_reference=self.provider_reference,
            bill_number=self.bill_number,
            purpose=self.purpose,
            bank_bin=self.bank_bin,
            account_number=self.account_number,
            alias_account=self.alias_account,
            amount=Money(self.amount, self.currency),
            outcome=Outcome(self.outcome),
            paid_at=self.paid_at,
        )


class BankAnswer(BaseModel):
    bill_number: str
    payments: Annotated[list[BankPayment], Field(max_length=100)]

    @property
    def outcome(self) -> Outcome:
        """What the bank knows by now; having no payment at all is a positive word as well."""
        heard = {payment.outcome for payment in self.payments}
        for outcome in (Outcome.PENDING, Outcome.SUCCEEDED):
            if outcome in heard:
                return outcome
        return Outcome.FAILED


def bank(config: ProviderConfig, keys: BankKeys) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=METHODS,
        settling_evidence_levels=frozenset({SIGNED_MESSAGE, SIGNED_BODY}),
        read_notice=lambda raw: read_notice(config.name, raw),
        checkout=_checkout_way(config, keys) if keys.own else None,
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, keys, question, call),
            read=lambda question, reply: read_enquiry(keys, question, reply),
        ),
        refund=_refund_way(config, keys) if keys.own else None,
    )


def _checkout_way(config: ProviderConfig, keys: BankKeys) -> CheckoutWay:
    return CheckoutWay(
        order_reference=lambda seed: f"{seed.bill_reference}{seed.number:02d}",
        request=lambda order, call: checkout_request(config, keys, order, call),
        read=lambda order, reply: read_checkout(keys, order, reply),
    )


def _refund_way(config: ProviderConfig, keys: BankKeys) -> RefundWay:
    return RefundWay(
        request=lambda order, call: refund_request(config, keys, order, call),
        read=lambda order, reply: read_refund(keys, order, reply),
        enquiry=lambda order, call: refund_question(config, keys, order, call),
        read_enquiry=lambda order, reply: read_refund(keys, order, reply),
        to_accounts=True,
    )


def read_notice(name: str, raw: bytes) -> ProviderNotice:
    body = load_json(raw)
    try:
        return BankPayment.model_validate(body).to_notice()
    except ValidationError as error:
        places = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
        raise UnreadableNotice(name, places[0] if places else None) from None


def enquiry_request(
    config: ProviderConfig, keys: BankKeys, question: Question, call: Call
) -> OutgoingRequest:
    bill = quote(question.bill_reference or "", safe="")
    return signed_question(keys, f"{config.url}/enquiries/{bill}", call)


def read_enquiry(keys: BankKeys, question: Question, reply: Reply) -> EnquiryAnswer:
    """An answer that is not the bank's own, or not about this bill, tells nothing."""
    answer = read_signed(BankAnswer, keys, reply)
    bills = {answer.bill_number, *(payment.bill_number for payment in answer.payments)}
    if bills != {question.bill_reference}:
        raise UnusableReply("about another bill")
    return EnquiryAnswer(
        outcome=answer.outcome,
        notices=tuple(payment.to_notice() for payment in answer.payments),
        raw=reply.body,
        proof=proof_of(reply),
        evidence_level=SIGNED_MESSAGE,
    )
