from datetime import datetime
from ipaddress import IPv4Address
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, IPvAnyAddress

from chassis.money import Money
from chassis.schemas import MoneyBody
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import FeeKind, FeeLine, PaymentIntent, Status
from services.payment.domain.intents.source import Source
from services.payment.ports.providers import Cheque


class AgencyBody(BaseModel):
    code: str
    name: str


class PayeeBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class FeeLineBody(BaseModel):
    line_code: str
    name: str
    kind: FeeKind
    quantity: int
    amount: MoneyBody
    legal_basis: str
    # Where the line is another agency's than the intent's.
    agency_code: str | None
    agency_name: str | None

    @classmethod
    def of(cls, line: FeeLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            kind=line.kind,
            quantity=line.quantity,
            amount=MoneyBody.of(line.amount),
            legal_basis=line.legal_basis,
            agency_code=line.agency_code,
            agency_name=line.agency_name,
        )


class RefundSummaryBody(BaseModel):
    """`amount_available` is what a request for a refund repeats as it was seen here.

    `pending`: not paid yet; `unavailable`: ended unpaid; `full`: nothing is left to refund.
    """

    status: Literal["pending", "unavailable", "available", "full"]
    amount_available: MoneyBody
    amount_submitted: MoneyBody

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        submitted = Money(intent.refunded_minor_units, intent.amount.currency)
        paid = intent.amount if intent.status is Status.SUCCEEDED else Money.zero()
        return cls(
            status=_refund_status(intent),
            amount_available=MoneyBody.of(paid - submitted),
            amount_submitted=MoneyBody.of(submitted),
        )


def _refund_status(
    intent: PaymentIntent,
) -> Literal["pending", "unavailable", "available", "full"]:
    if intent.status is not Status.SUCCEEDED:
        return "pending" if intent.status in (Status.CREATED, Status.CONFIRMED) else "unavailable"
    return "full" if intent.refunded_minor_units == intent.amount.minor_units else "available"


class PaymentIntentBody(BaseModel):
    """`qr_payload` is there while paying makes sense: from the confirmation to the end.

    `assurance` says by which kind of proof the payer agreed. `reference` is a biller's own name
    for it; `dossier_*` are null for a bill that is of no dossier.
    """

    id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: Source
    reference: str | None
    client_id: str
    agency: AgencyBody
    payee: PayeeBody
    lines: list[FeeLineBody]
    amount: MoneyBody
    status: Status
    created_at: datetime
    expires_at: datetime
    bill_reference: str | None
    qr_payload: str | None
    assurance: str | None
    paid_at: datetime | None
    refund_summary: RefundSummaryBody

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        payee = intent.payee
        return cls(
            id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            client_id=intent.client_id,
            agency=AgencyBody(code=intent.agency_code, name=intent.agency_name),
            payee=PayeeBody(
                bank_bin=payee.bank_bin,
                account_number=payee.account_number,
                account_name=payee.account_name,
            ),
            lines=[FeeLineBody.of(line) for line in intent.lines],
            amount=MoneyBody.of(intent.amount),
            status=intent.status,
            created_at=intent.created_at,
            expires_at=intent.expires_at,
            bill_reference=intent.bill_reference,
            qr_payload=intent.qr_payload if intent.status is Status.CONFIRMED else None,
            assurance=intent.confirmation.assurance if intent.confirmation else None,
            paid_at=intent.payment.paid_at if intent.payment else None,
            refund_summary=RefundSummaryBody.of(intent),
        )


class ConfirmationBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    confirmation_id: UUID
    evidence_id: Annotated[str, Field(min_length=1, max_length=100)]
    method: Method
    amount: MoneyBody
    assurance: Annotated[str, Field(min_length=1, max_length=100)]


class ChequeBody(BaseModel):
    """An electronic cheque to be presented; it pays once it has cleared."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,30}$")]
    drawee_bank_bin: Annotated[str, Field(pattern=r"^[0-9]{6,8}$")]

    def to_cheque(self) -> Cheque:
        return Cheque(number=self.number, drawee_bank_bin=self.drawee_bank_bin)


class StartAttemptBody(BaseModel):
    """`bank_code` names the payer's bank for internet banking; `return_url` is where the provider
    sends the browser back to, the payer's own page unless it is given."""

    model_config = ConfigDict(extra="forbid")

    method: Method
    bank_code: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9]{2,20}$")] = None
    language: Literal["vi", "en"] = "vi"
    client_ip: IPvAnyAddress = IPv4Address("127.0.0.1")
    return_url: Annotated[str | None, Field(max_length=500, pattern=r"^https?://[\x21-\x7e]+$")] = (
        None
    )
    cheque: ChequeBody | None = None


class AttemptBody(BaseModel):
    """Where to pay: the provider's page, or an account that takes this fee alone. `failure` is
    the provider's own word for why no money moved."""

    id: UUID
    payment_intent_id: UUID
    method: Method
    provider: str
    status: AttemptStatus
    order_reference: str | None
    pay_url: str | None
    alias_account: str | None
    failure: str | None
    started_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, attempt: PaymentAttempt) -> Self:
        return cls(
            id=attempt.id,
            payment_intent_id=attempt.payment_intent_id,
            method=attempt.method,
            provider=attempt.provider,
            status=attempt.status,
            order_reference=attempt.order_reference,
            pay_url=attempt.pay_url if attempt.is_live else None,
            alias_account=attempt.alias_account,
            failure=attempt.failure,
            started_at=attempt.started_at,
            expires_at=attempt.expires_at,
        )


class AttemptsBody(BaseModel):
    items: list[AttemptBody]


class RevivalBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expires_at: AwareDatetime
