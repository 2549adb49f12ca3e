"""What we read of sister services' events: by name, and only what a client may be told.

A field that is not named here never leaves by webhook, whatever a producer adds later.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Envelope, EventData
from services.notification.domain.events import HeardEvent


class PublicFacts(EventData):
    client_id: str | None

    def public(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"payer_sealed"})


class FeeLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    line_code: str
    name: str
    kind: str
    quantity: int
    amount_minor_units: int
    legal_basis: str
    agency_code: str | None


class PaymentSucceeded(PublicFacts):
    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    # `dossier`, or `bill`: a biller calls it `reference`, and it may be of no dossier.
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
    lines: list[FeeLine]


class _PaymentEnded(PublicFacts):
    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    source: str
    reference: str | None
    client_id: str


class PaymentExpired(_PaymentEnded):
    expired_at: datetime


class PaymentCancelled(_PaymentEnded):
    cancelled_at: datetime


class PaymentRevived(_PaymentEnded):
    status: str
    expires_at: datetime


class DiscrepancyFound(PublicFacts):
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


class ReceiptIssued(PublicFacts):
    receipt_id: UUID
    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None
    client_id: str
    agency_code: str
    kind: str
    form_code: str
    symbol: str
    number: int
    printed_number: str
    amount_minor_units: int
    currency: str
    issued_at: datetime
    xml_sha256: str
    lookup_code: str
    part: int
    parts: int
    payer_sealed: str | None = None


class ReceiptCorrected(ReceiptIssued):
    """receipt.replaced.v1 and receipt.adjusted.v1: a receipt that corrects the one it names."""

    correction: str
    corrects_id: UUID
    corrects_form_code: str
    corrects_symbol: str
    corrects_printed_number: str


class ReceiptCancelled(PublicFacts):
    receipt_id: UUID
    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None
    client_id: str
    agency_code: str
    kind: str
    form_code: str
    symbol: str
    printed_number: str
    amount_minor_units: int
    currency: str
    cancelled_at: datetime
    payer_sealed: str | None = None


class RefundItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    amount_minor_units: int


class RefundRequested(PublicFacts):
    refund_id: UUID
    payment_intent_id: UUID | None
    discrepancy_id: UUID | None
    dossier_id: UUID | None
    dossier_code: str | None
    client_id: str | None
    agency_code: str | None
    amount_minor_units: int
    currency: str
    items: list[RefundItem]
    requested_at: datetime


class RefundSucceeded(RefundRequested):
    provider: str
    provider_reference: str | None
    refunded_at: datetime


class RefundFailed(RefundRequested):
    status: str
    failed_at: datetime


class BillBatchCompleted(PublicFacts):
    """Its bills are not told of one by one."""

    bill_batch_id: UUID
    client_id: str
    lines: int
    opened: int
    refused: int
    completed_at: datetime


class DossierStateChanged(PublicFacts):
    dossier_id: UUID
    dossier_code: str
    client_id: str
    from_state: int
    to_state: int
    reason: str | None
    changed_at: datetime


def heard(event: Envelope[Any]) -> HeardEvent:
    facts: PublicFacts = event.data
    return HeardEvent(
        id=event.id,
        type=event.type,
        time=event.time,
        client_id=facts.client_id,
        data=facts.public(),
    )
