from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.dossier.consumers.tools import Tools
from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.use_cases.record_receipt_corrected import record_receipt_corrected
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

    def to_receipt(self) -> Receipt:
        return Receipt(
            receipt_id=self.receipt_id,
            fee_request_id=self.payment_intent_id,
            kind=self.kind,
            form_code=self.form_code,
            symbol=self.symbol,
            number=self.number,
            lookup_code=self.lookup_code,
            amount=Money(self.amount_minor_units, self.currency),
            issued_at=self.issued_at,
            part=self.part,
            parts=self.parts,
        )


class ReceiptReplaced(ReceiptIssued):
    """What we read of receipt.replaced.v1."""

    corrects_id: UUID


class ReceiptAdjusted(EventData):
    """What we read of receipt.adjusted.v1: a word about a receipt is not another receipt."""

    corrects_id: UUID


class ReceiptCancelled(EventData):
    """What we read of receipt.cancelled.v1."""

    receipt_id: UUID


async def on_receipt_issued(event: Envelope[ReceiptIssued], tools: Tools) -> None:
    receipt = event.data.to_receipt()
    await record_receipt_issued(receipt, caused_by=event.id, uow=tools.uow(), clock=tools.clock)


async def on_receipt_replaced(event: Envelope[ReceiptReplaced], tools: Tools) -> None:
    await record_receipt_corrected(
        event.data.corrects_id,
        Standing.REPLACED,
        replacement=event.data.to_receipt(),
        caused_by=event.id,
        uow=tools.uow(),
    )


async def on_receipt_adjusted(event: Envelope[ReceiptAdjusted], tools: Tools) -> None:
    await record_receipt_corrected(
        event.data.corrects_id, Standing.ADJUSTED, caused_by=event.id, uow=tools.uow()
    )


async def on_receipt_cancelled(event: Envelope[ReceiptCancelled], tools: Tools) -> None:
    await record_receipt_corrected(
        event.data.receipt_id, Standing.CANCELLED, caused_by=event.id, uow=tools.uow()
    )
