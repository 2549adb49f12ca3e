"""What the gateway announces."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from chassis.events import EventData
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof


class PaymentIntentConfirmedV1(EventData):
    """A payer has agreed to exactly this fee; the QR may be shown."""

    type: ClassVar[str] = "payment_intent.confirmed.v1"

    payment_intent_id: UUID
    confirmation_id: UUID
    evidence_id: UUID
    method: str
    assurance: str
    amount_minor_units: int
    currency: str
    confirmed_at: datetime

    @classmethod
    def of(cls, confirmation: Confirmation, proof: ConfirmationProof) -> Self:
        return cls(
            payment_intent_id=confirmation.payment_intent_id,
            confirmation_id=confirmation.id,
            evidence_id=proof.evidence_id,
            method=confirmation.method,
            assurance=proof.assurance,
            amount_minor_units=confirmation.amount.minor_units,
            currency=confirmation.amount.currency,
            confirmed_at=proof.confirmed_at,
        )
