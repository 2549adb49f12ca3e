from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.dossier.consumers.tools import Tools
from services.dossier.domain.receipt import Receipt
from services.dossier.use_cases.record_receipt_issued import record_receipt_issued


class ReceiptIssued(EventData):
    """What we read of receipt.issued.v1; the payer stays sealed."""

    receipt_id: UUID
    payment_intent_id: UUID
    kind: str
    form_code: str
    symbol: str
    number: int
    amount_minor_units: int
    currency: str
    issued_at: datetime
    lookup_code: str
    part: int
    parts: int


async def on_receipt_issued(event: Envelope[ReceiptIssued], tools: Tools) -> None:
    data = event.data
    receipt = Receipt(
        receipt_id=data.receipt_id,
        fee_request_id=data.payment_intent_id,
        kind=data.kind,
        form_code=data.form_code,
        symbol=data.symbol,
        number=data.number,
        lookup_code=data.lookup_code,
        amount=Money(data.amount_minor_units, data.currency),
        issued_at=data.issued_at,
        part=data.part,
        parts=data.parts,
    )
    await record_receipt_issued(receipt, caused_by=event.id, uow=tools.uow(), clock=tools.clock)
