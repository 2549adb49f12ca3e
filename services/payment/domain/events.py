"""What the payment service announces. A published version is never edited.

`dossier_id`, `dossier_code` and `procedure_*` are null where `source` is `bill` and the bill is of
no dossier; `reference` is the biller's own name for it, null where `source` is `dossier`.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import EventData
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.settlements.day import SettlementDay


class PaymentOpenedV1(EventData):
    """Confirmed by the payer: from now on there is a code to pay by."""

    type: ClassVar[str] = "payment.opened.v1"

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    client_id: str
    amount_minor_units: int
    currency: str
    bill_reference: str
    qr_payload: str
    expires_at: datetime

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        if intent.bill_reference is None or intent.qr_payload is None:
            raise ValueError("an intent without a code is not open")
        return cls(
            payment_intent_id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            client_id=intent.client_id,
            amount_minor_units=intent.amount.minor_units,
            currency=intent.amount.currency,
            bill_reference=intent.bill_reference,
            qr_payload=intent.qr_payload,
            expires_at=intent.expires_at,
        )


class FeeLineData(BaseModel):
    """`agency_code` is given where the line is another agency's than the payment's."""

    model_config = ConfigDict(frozen=True)

    line_code: str
    name: str
    kind: str
    quantity: int
    amount_minor_units: int
    legal_basis: str
    agency_code: str | None
    agency_name: str | None


class PaymentSucceededV1(EventData):
    type: ClassVar[str] = "payment.succeeded.v1"

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    procedure_code: str | None
    procedure_name: str | None
    agency_code: str
    agency_name: str
    client_id: str
    amount_minor_units: int
    currency: str
    method: str
    provider: str
    provider_reference: str
    evidence_level: str
    paid_at: datetime
    lines: list[FeeLineData]
    payer_sealed: str

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        if intent.payment is None or intent.confirmation is None:
            raise ValueError("an intent without a payment has not succeeded")
        return cls(
            payment_intent_id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            procedure_code=intent.procedure_code,
            procedure_name=intent.procedure_name,
            agency_code=intent.agency_code,
            agency_name=intent.agency_name,
            client_id=intent.client_id,
            amount_minor_units=intent.amount.minor_units,
            currency=intent.amount.currency,
            method=intent.payment.method,
            provider=intent.payment.provider,
            provider_reference=intent.payment.provider_reference,
            evidence_level=intent.payment.evidence_level,
            paid_at=intent.payment.paid_at,
            lines=[
                FeeLineData(
                    line_code=line.line_code,
                    name=line.name,
                    kind=line.kind,
                    quantity=line.quantity,
                    amount_minor_units=line.amount.minor_units,
                    legal_basis=line.legal_basis,
                    agency_code=line.agency_code,
                    agency_name=line.agency_name,
                )
                for line in intent.lines
            ],
            payer_sealed=intent.payer_sealed,
        )


class PaymentExpiredV1(EventData):
    type: ClassVar[str] = "payment.expired.v1"

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    client_id: str
    expired_at: datetime

    @classmethod
    def of(cls, intent: PaymentIntent, *, expired_at: datetime) -> Self:
        return cls(
            payment_intent_id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            client_id=intent.client_id,
            expired_at=expired_at,
        )


class PaymentCancelledV1(EventData):
    type: ClassVar[str] = "payment.cancelled.v1"

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    client_id: str
    cancelled_at: datetime

    @classmethod
    def of(cls, intent: PaymentIntent, *, cancelled_at: datetime) -> Self:
        return cls(
            payment_intent_id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            client_id=intent.client_id,
            cancelled_at=cancelled_at,
        )


class PaymentRevivedV1(EventData):
    """It had expired; now it can be confirmed, or paid by the code that it had, until later."""

    type: ClassVar[str] = "payment.revived.v1"

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    client_id: str
    status: str
    expires_at: datetime

    @classmethod
    def of(cls, intent: PaymentIntent) -> Self:
        return cls(
            payment_intent_id=intent.id,
            dossier_id=intent.dossier_id,
            dossier_code=intent.dossier_code,
            source=intent.source,
            reference=intent.reference,
            client_id=intent.client_id,
            status=intent.status,
            expires_at=intent.expires_at,
        )


class PaymentDiscrepancyFoundV1(EventData):
    """`expected_minor_units` is null when nothing, or another currency, was expected."""

    type: ClassVar[str] = "payment.discrepancy_found.v1"

    discrepancy_id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    reason: str
    expected_minor_units: int | None
    received_minor_units: int
    currency: str
    provider: str
    provider_reference: str
    found_at: datetime

    @classmethod
    def of(cls, discrepancy: Discrepancy) -> Self:
        expected, received = discrepancy.expected, discrepancy.received
        comparable = expected is not None and expected.currency == received.currency
        return cls(
            discrepancy_id=discrepancy.id,
            payment_intent_id=discrepancy.payment_intent_id,
            client_id=discrepancy.client_id,
            reason=discrepancy.reason,
            expected_minor_units=expected.minor_units if expected and comparable else None,
            received_minor_units=received.minor_units,
            currency=received.currency,
            provider=discrepancy.provider,
            provider_reference=discrepancy.provider_reference,
            found_at=discrepancy.found_at,
        )


class BillBatchCompletedV1(EventData):
    """All lines of a biller's file have their results; its bills are not announced one by one."""

    type: ClassVar[str] = "bill_batch.completed.v1"

    bill_batch_id: UUID
    client_id: str
    lines: int
    opened: int
    refused: int
    completed_at: datetime


class SettlementReconciledV1(EventData):
    """A provider's day is closed: both sides agree, or a person answers for each difference."""

    type: ClassVar[str] = "settlement.reconciled.v1"

    settlement_day_id: UUID
    provider: str
    closed_on: date
    payments: int
    payments_minor_units: int
    refunds: int
    refunds_minor_units: int
    fees_minor_units: int
    currency: str
    differences_signed_off: int
    closed_at: datetime

    @classmethod
    def of(cls, day: SettlementDay) -> Self:
        totals = day.totals
        return cls(
            settlement_day_id=day.id,
            provider=day.provider,
            closed_on=day.on,
            payments=totals.payments,
            payments_minor_units=totals.payments_minor_units,
            refunds=totals.refunds,
            refunds_minor_units=totals.refunds_minor_units,
            fees_minor_units=totals.fees_minor_units,
            currency=totals.currency,
            differences_signed_off=day.differences_signed_off,
            closed_at=day.closed_at,
        )


class PaymentDiscrepancyResolvedV1(EventData):
    """`resolution` says what became of the money, or that there was none to decide about."""

    type: ClassVar[str] = "payment.discrepancy_resolved.v1"

    discrepancy_id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    reason: str
    resolution: str
    received_minor_units: int
    currency: str
    resolved_at: datetime

    @classmethod
    def of(cls, discrepancy: Discrepancy) -> Self:
        if discrepancy.resolution is None or discrepancy.resolved_at is None:
            raise ValueError("a case without a resolution is not resolved")
        return cls(
            discrepancy_id=discrepancy.id,
            payment_intent_id=discrepancy.payment_intent_id,
            client_id=discrepancy.client_id,
            reason=discrepancy.reason,
            resolution=discrepancy.resolution,
            received_minor_units=discrepancy.received.minor_units,
            currency=discrepancy.received.currency,
            resolved_at=discrepancy.resolved_at,
        )


class PaymentDiscrepancyOverdueV1(EventData):
    """Nobody has resolved it in time; said once for each deadline."""

    type: ClassVar[str] = "payment.discrepancy_overdue.v1"

    discrepancy_id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    reason: str
    owner_role: str
    due_at: datetime

    @classmethod
    def of(cls, discrepancy: Discrepancy) -> Self:
        return cls(
            discrepancy_id=discrepancy.id,
            payment_intent_id=discrepancy.payment_intent_id,
            client_id=discrepancy.client_id,
            reason=discrepancy.reason,
            owner_role=discrepancy.owner_role,
            due_at=discrepancy.due_at,
        )
