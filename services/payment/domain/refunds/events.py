"""What is announced about refunds: ids, amounts and states, and nothing about a person."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.events import EventData
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.refunds.refund import RELEASED, Refund, RefundStatus


class RefundItemData(BaseModel):
    """How much of one kind of fee goes back: each kind has its own receipt."""

    model_config = ConfigDict(frozen=True)

    kind: str
    amount_minor_units: int


class RefundFacts(EventData):
    """`payment_intent_id` is null for money that names no fee; then there is no item either."""

    refund_id: UUID
    payment_intent_id: UUID | None
    discrepancy_id: UUID | None
    dossier_id: UUID | None
    dossier_code: str | None
    client_id: str | None
    agency_code: str | None
    amount_minor_units: Annotated[int, Field(gt=0)]
    currency: str
    items: list[RefundItemData]
    requested_at: datetime


class RefundRequestedV1(RefundFacts):
    type: ClassVar[str] = "refund.requested.v1"

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(**_facts(refund))


class RefundSucceededV1(RefundFacts):
    """The money is on its way back; `provider_reference` is its name at the provider or bank."""

    type: ClassVar[str] = "refund.succeeded.v1"

    provider: str
    provider_reference: str | None
    refunded_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(
            **_facts(refund),
            provider=refund.source.provider,
            provider_reference=refund.provider_reference,
            refunded_at=_ended(refund),
        )


class RefundFailedV1(RefundFacts):
    """Nothing was paid back and nothing will be under this refund: `status` says how it ended."""

    type: ClassVar[str] = "refund.failed.v1"

    status: str
    failed_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> Self:
        return cls(**_facts(refund), status=refund.status, failed_at=_ended(refund))


def end_event_of(refund: Refund) -> RefundSucceededV1 | RefundFailedV1 | None:
    if refund.status is RefundStatus.SUCCEEDED:
        return RefundSucceededV1.of(refund)
    return RefundFailedV1.of(refund) if refund.status in RELEASED else None


def _facts(refund: Refund) -> dict[str, Any]:
    source = refund.source
    by_kind = {
        kind: sum(line.amount.minor_units for line in refund.lines if line.kind is kind)
        for kind in FeeKind
    }
    return {
        "refund_id": refund.id,
        "payment_intent_id": source.payment_intent_id,
        "discrepancy_id": refund.discrepancy_id,
        "dossier_id": source.dossier_id,
        "dossier_code": source.dossier_code,
        "client_id": source.client_id,
        "agency_code": source.agency_code,
        "amount_minor_units": refund.amount.minor_units,
        "currency": refund.amount.currency,
        "items": [
            RefundItemData(kind=kind, amount_minor_units=amount)
            for kind, amount in by_kind.items()
            if amount
        ],
        "requested_at": refund.requested_at,
    }


def _ended(refund: Refund) -> datetime:
    if refund.ended_at is None:
        raise ValueError("a refund that has not ended is not announced as ended")
    return refund.ended_at
