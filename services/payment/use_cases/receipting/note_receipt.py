from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.receipting.gap import GapReason, ReceiptNote
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.receipting.watch_receipts import gap_of


async def note_receipt(note: ReceiptNote, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    """Remember that a receipt is there. One without a settled fee is found at once, and a gap that
    it fills is closed, however many others are open."""
    async with uow:
        await uow.receipts.add_note(note)
        (fee,) = await uow.receipts.list_fees([note.payment_intent_id])
        await uow.receipts.close_gaps_of(fee, at=clock.now())
        if fee.reason in {GapReason.NO_SETTLED_FEE, GapReason.TOO_MANY_RECEIPTS}:
            await uow.receipts.add_gap(gap_of(fee, at=clock.now(), ids=ids))
