from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.schemas import MoneyBody
from services.dossier.api.fields import (
    AgencyCode,
    CaseCode,
    Email,
    GroupCode,
    IdentityNumber,
    LineCode,
    Phone,
    PrintableAddress,
    PrintableName,
    ProcedureCode,
    Quantity,
)
from services.dossier.domain.catalog import Channel, FeeKind, PayerType, Unit
from services.dossier.domain.dossier import Applicant, Dossier, Step
from services.dossier.domain.fee import ChargedLine, Fee, FeeQuestion
from services.dossier.domain.fee_request import FeeRequest, PaymentStatus
from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.domain.refund import Refund, RefundStatus
from services.dossier.domain.state import State
from services.dossier.use_cases.find_offer import Offer
from services.dossier.use_cases.get_dossier import DossierView
from services.dossier.use_cases.submit_dossier import Submitted


class ApplicantBody(BaseModel):
    """Personal data: kept by this service, printed on the slip, never given back by the API."""

    model_config = ConfigDict(extra="forbid")

    full_name: PrintableName
    identity_number: IdentityNumber | None = None
    address: PrintableAddress | None = None
    email: Email | None = None
    phone: Phone | None = None

    def to_applicant(self) -> Applicant:
        return Applicant(
            full_name=self.full_name,
            identity_number=self.identity_number,
            address=self.address,
            email=self.email,
            phone=self.phone,
        )


class SubmitDossierBody(BaseModel):
    """`quantities` by line code, for what is charged per page, copy or certificate."""

    model_config = ConfigDict(extra="forbid")

    procedure_code: ProcedureCode
    agency_code: AgencyCode
    channel: Channel
    case_code: CaseCode | None = None
    payer_type: PayerType = PayerType.PERSON
    quantities: Annotated[dict[LineCode, Quantity], Field(max_length=50)] = {}
    exemption_groups: Annotated[list[GroupCode], Field(max_length=20)] = []
    applicant: ApplicantBody

    def to_question(self) -> FeeQuestion:
        return FeeQuestion(
            channel=self.channel,
            payer_type=self.payer_type,
            case_code=self.case_code,
            quantities=self.quantities,
            exemption_groups=frozenset(self.exemption_groups),
        )


class NamedBody(BaseModel):
    code: str
    name: str


class FeeLineBody(BaseModel):
    """`full_amount` is the price before the exemption of `exempt_percent`."""

    line_code: str
    name: str
    kind: FeeKind
    unit: Unit
    quantity: int
    full_amount: MoneyBody
    exempt_percent: int
    amount: MoneyBody
    legal_basis: str

    @classmethod
    def of(cls, line: ChargedLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            kind=line.kind,
            unit=line.unit,
            quantity=line.quantity,
            full_amount=MoneyBody.of(line.full_amount),
            exempt_percent=line.exempt_percent,
            amount=MoneyBody.of(line.amount),
            legal_basis=line.legal_basis,
        )


class FeeBody(BaseModel):
    lines: list[FeeLineBody]
    total: MoneyBody

    @classmethod
    def of(cls, fee: Fee) -> Self:
        return cls(
            lines=[FeeLineBody.of(line) for line in fee.lines], total=MoneyBody.of(fee.total)
        )


class FeeQuoteBody(BaseModel):
    procedure: NamedBody
    agency: NamedBody
    on: date
    fee: FeeBody

    @classmethod
    def of(cls, offer: Offer, fee: Fee, *, on: date) -> Self:
        return cls(
            procedure=NamedBody(code=offer.procedure.procedure_code, name=offer.procedure.name),
            agency=NamedBody(code=offer.agency.agency_code, name=offer.agency.name),
            on=on,
            fee=FeeBody.of(fee),
        )


class CreatedDossierBody(BaseModel):
    """Only what was fixed at creation, so that a repeated request gets the same answer.

    `payment_intent_id` is null when nothing is to be paid.
    """

    id: UUID
    code: str
    submitted_at: datetime
    procedure: NamedBody
    agency: NamedBody
    fee: FeeBody
    payment_intent_id: UUID | None

    @classmethod
    def of(cls, submitted: Submitted) -> Self:
        dossier = submitted.dossier
        return cls(
            id=dossier.id,
            code=dossier.code,
            submitted_at=dossier.submitted_at,
            procedure=NamedBody(code=dossier.procedure.code, name=dossier.procedure.name),
            agency=NamedBody(code=dossier.agency.code, name=dossier.agency.name),
            fee=FeeBody.of(dossier.fee),
            payment_intent_id=submitted.fee_request_id,
        )


class StateBody(BaseModel):
    code: int
    name_vi: str
    name_en: str

    @classmethod
    def of(cls, state: State) -> Self:
        return cls(code=state.value, name_vi=state.name_vi, name_en=state.name_en)


class PaymentBody(BaseModel):
    """`qr_payload` is there while it may be paid: confirmed, not expired, not yet paid."""

    intent_id: UUID
    status: PaymentStatus
    qr_payload: str | None
    expires_at: datetime | None
    paid_at: datetime | None

    @classmethod
    def of(cls, request: FeeRequest) -> Self:
        payable = request.code if request.status is PaymentStatus.CONFIRMED else None
        return cls(
            intent_id=request.id,
            status=request.status,
            qr_payload=payable.qr_payload if payable else None,
            expires_at=payable.expires_at if payable else None,
            paid_at=request.paid_at,
        )


class ReceiptBody(BaseModel):
    receipt_id: UUID
    kind: str
    form_code: str
    symbol: str
    number: int
    lookup_code: str
    # One that was replaced or cancelled counts no more; an adjusted one is read beside another.
    standing: Standing

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls(
            receipt_id=receipt.receipt_id,
            kind=receipt.kind,
            form_code=receipt.form_code,
            symbol=receipt.symbol,
            number=receipt.number,
            lookup_code=receipt.lookup_code,
            standing=receipt.standing,
        )


class RefundAmountBody(BaseModel):
    """In the currency that the money came in."""

    amount: int
    currency: str


class RefundBody(BaseModel):
    """Of this fee, or of money that came for it beside what was asked."""

    refund_id: UUID
    amount: RefundAmountBody
    status: RefundStatus
    requested_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(
            refund_id=refund.refund_id,
            amount=RefundAmountBody(
                amount=refund.amount.minor_units, currency=refund.amount.currency
            ),
            status=refund.status,
            requested_at=refund.requested_at,
            ended_at=refund.ended_at,
        )


class StepBody(BaseModel):
    from_state: StateBody
    to_state: StateBody
    reason: str
    changed_at: datetime

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(
            from_state=StateBody.of(step.from_state),
            to_state=StateBody.of(step.to_state),
            reason=step.reason,
            changed_at=step.changed_at,
        )


class DossierBody(CreatedDossierBody):
    state: StateBody
    payment: PaymentBody | None
    receipts: list[ReceiptBody]
    refunds: list[RefundBody]
    history: list[StepBody]

    @classmethod
    def of_view(cls, view: DossierView) -> Self:
        request = view.fee_request
        created = CreatedDossierBody.of(
            Submitted(dossier=view.dossier, fee_request_id=request.id if request else None)
        )
        return cls(
            **dict(created),
            state=StateBody.of(view.dossier.state),
            payment=PaymentBody.of(request) if request else None,
            receipts=[ReceiptBody.of(receipt) for receipt in view.receipts],
            refunds=[RefundBody.of(refund) for refund in view.refunds],
            history=[StepBody.of(step) for step in view.steps],
        )


class DossierSummaryBody(BaseModel):
    id: UUID
    code: str
    submitted_at: datetime
    procedure: NamedBody
    agency: NamedBody
    total: MoneyBody
    state: StateBody

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        return cls(
            id=dossier.id,
            code=dossier.code,
            submitted_at=dossier.submitted_at,
            procedure=NamedBody(code=dossier.procedure.code, name=dossier.procedure.name),
            agency=NamedBody(code=dossier.agency.code, name=dossier.agency.name),
            total=MoneyBody.of(dossier.fee.total),
            state=StateBody.of(dossier.state),
        )
