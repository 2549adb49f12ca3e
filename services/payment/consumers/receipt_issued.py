from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from services.payment.consumers.tools import Tools
from services.payment.domain.receipting.gap import ReceiptNote
from services.payment.use_cases.receipting.note_receipt import note_receipt


class ReceiptIssued(EventData):
    """What we read of receipt.issued.v1."""

    receipt_id: UUID
    payment_intent_id: UUID
    agency_code: str
    issued_at: datetime


async def on_receipt_issued(event: Envelope[ReceiptIssued], tools: Tools) -> None:
    """A settled fee has one of its receipts."""
    said = event.data
    note = ReceiptNote(
        receipt_id=said.receipt_id,
        payment_intent_id=said.payment_intent_id,
        agency_code=said.agency_code,
        issued_at=said.issued_at,
    )
    await note_receipt(note, uow=tools.open_uow(), clock=tools.clock, ids=tools.ids)
