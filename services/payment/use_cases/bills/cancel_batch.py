from dataclasses import replace
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from services.payment.domain.bills.batch import BatchStatus, BillBatch, Refusal
from services.payment.domain.bills.errors import UnknownBatch
from services.payment.ports.unit_of_work import UnitOfWork

CANCEL_AT_ONCE: Final = 500
CANCELLED: Final = Refusal(
    code="batch_cancelled",
    detail="The batch was cancelled before this bill was opened.",
    detail_vi="Lô đã bị huỷ trước khi mở khoản thu này.",
)
ENDING: Final = frozenset({BatchStatus.CANCELLING, BatchStatus.CANCELLED})


async def cancel_batch(batch_id: UUID, *, client_id: str, uow: UnitOfWork) -> BillBatch:
    """No line is opened from here on; what is opened and unpaid is cancelled by the worker."""
    async with uow:
        batch = await uow.batches.hold(batch_id)
        if batch is None or batch.client_id != client_id:
            raise UnknownBatch
        if batch.status in ENDING:
            return batch
        cancelling = batch.move_to(BatchStatus.CANCELLING)
        await uow.batches.save(cancelling)
        return cancelling


async def cancel_some(batch: BillBatch, *, uow: UnitOfWork, clock: Clock) -> None:
    """Within the transaction that holds the batch. What is paid stays paid."""
    now = clock.now()
    refused = await uow.batches.refuse_waiting(batch.id, refusal=CANCELLED, limit=CANCEL_AT_ONCE)
    cancelled = await uow.batches.cancel_unpaid(batch.id, at=now, limit=CANCEL_AT_ONCE)
    counted = replace(batch, refused=batch.refused + refused, cancelled=batch.cancelled + cancelled)
    if refused or cancelled:
        await uow.batches.save(counted)
        return
    await uow.batches.drop_parts(batch.id)
    await uow.batches.save(counted.move_to(BatchStatus.CANCELLED, at=now))
