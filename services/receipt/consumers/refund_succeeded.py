from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.use_cases.receipts.note_refund import note_refund

RECEIPTED: Final = frozenset(Kind)


class RefundedItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    amount_minor_units: int


class RefundSucceeded(EventData):
    """What we read of refund.succeeded.v1. Money that was no fee has no items, and no receipt."""

    refund_id: UUID
    payment_intent_id: UUID | None
    currency: str
    items: Sequence[RefundedItem]
    refunded_at: datetime

    def to_notes(self) -> Sequence[RefundNote]:
        """The price of a service has an invoice, which is not ours."""
        if self.payment_intent_id is None:
            return []
        return [
            RefundNote(
                refund_id=self.refund_id,
                payment_intent_id=self.payment_intent_id,
                kind=Kind(item.kind),
                amount=Money(item.amount_minor_units, self.currency),
                refunded_at=self.refunded_at,
            )
            for item in self.items
            if item.kind in RECEIPTED
        ]


async def on_refund_succeeded(event: Envelope[RefundSucceeded], tools: Tools) -> None:
    await note_refund(event.data.to_notes(), caused_by=event.id, uow=tools.new_uow())
