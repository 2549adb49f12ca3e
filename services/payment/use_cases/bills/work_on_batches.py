from services.payment.domain.bills.batch import BatchStatus
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.bills.cancel_batch import cancel_some
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.open_waiting_lines import open_waiting_lines
from services.payment.use_cases.bills.read_batch import OpenReading, read_batch


async def work_on_batches(*, uow: UnitOfWork, open_reading: OpenReading, desk: BillDesk) -> bool:
    """One step of the oldest batch that nobody works on; False when there is none.

    Each step is bounded and its transaction whole, so a worker may die at any point.
    """
    async with uow:
        batch = await uow.batches.claim_work()
        if batch is None:
            return False
        if batch.status is BatchStatus.OPENING:
            await open_waiting_lines(batch, uow=uow, desk=desk)
            return True
        if batch.status is BatchStatus.CANCELLING:
            await cancel_some(batch, uow=uow, clock=desk.clock)
            return True
    await read_batch(batch, uow=uow, open_reading=open_reading, desk=desk)
    return True
