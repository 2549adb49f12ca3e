from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import (
    Discrepancy,
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)


class AnyMoneyBody(BaseModel):
    """Money as it arrived, in whatever currency."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        return None if money is None else cls(amount=money.minor_units, currency=money.currency)


class DiscrepancyBody(BaseModel):
    id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    reason: Reason
    status: DiscrepancyStatus
    owner_role: OwnerRole
    expected: AnyMoneyBody | None
    received: AnyMoneyBody
    proposed_refund: AnyMoneyBody | None
    # The one open fee of this account and amount, where the money names none.
    proposed_intent_id: UUID | None
    provider: str
    provider_reference: str
    found_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        return cls(
            id=found.id,
            payment_intent_id=found.payment_intent_id,
            client_id=found.client_id,
            reason=found.reason,
            status=found.status,
            owner_role=found.owner_role,
            expected=AnyMoneyBody.of(found.expected),
            received=AnyMoneyBody(
                amount=found.received.minor_units, currency=found.received.currency
            ),
            proposed_refund=AnyMoneyBody.of(found.proposed_refund),
            proposed_intent_id=found.proposed_intent_id,
            provider=found.provider,
            provider_reference=found.provider_reference,
            found_at=found.found_at,
            due_at=found.due_at,
        )
