from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.payment.domain.receipting.gap import GapReason, ReceiptGap


class ReceiptGapBody(BaseModel):
    """A payment whose money and receipts do not agree. It closes by itself once they do."""

    id: UUID
    payment_intent_id: UUID
    agency_code: str
    reason: GapReason
    expected: int
    heard: int
    settled_at: datetime | None
    found_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, gap: ReceiptGap) -> Self:
        return cls(
            id=gap.id,
            payment_intent_id=gap.payment_intent_id,
            agency_code=gap.agency_code,
            reason=gap.reason,
            expected=gap.expected,
            heard=gap.heard,
            settled_at=gap.settled_at,
            found_at=gap.found_at,
            closed_at=gap.closed_at,
        )
