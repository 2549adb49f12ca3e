from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final
from uuid import UUID

from services.payment.domain.bills.batch import BatchLine, BillBatch, Result
from services.payment.domain.bills.errors import UnknownBatch
from services.payment.ports.unit_of_work import Reading

LINES_AT_ONCE: Final = 1_000


async def get_batch(batch_id: UUID, *, client_id: str, reading: Reading) -> BillBatch:
    """What is another client's is as good as none."""
    async with reading:
        batch = await reading.batches.find(batch_id)
    if batch is None or batch.client_id != client_id:
        raise UnknownBatch
    return batch


async def list_batches(
    client_id: str, *, before: UUID | None, limit: int, reading: Reading
) -> Sequence[BillBatch]:
    async with reading:
        return await reading.batches.list_page(client_id, before=before, limit=limit)


async def list_batch_lines(
    batch: BillBatch, *, result: Result | None, after: int, limit: int, reading: Reading
) -> Sequence[BatchLine]:
    async with reading:
        return await reading.batches.list_lines(batch.id, result=result, after=after, limit=limit)


async def each_batch_line(
    batch: BillBatch, *, open_reading: Callable[[], Reading]
) -> AsyncIterator[BatchLine]:
    """All of them, of which few are held at once."""
    after = 0
    while True:
        lines = await list_batch_lines(
            batch, result=None, after=after, limit=LINES_AT_ONCE, reading=open_reading()
        )
        for line in lines:
            yield line
        if len(lines) < LINES_AT_ONCE:
            return
        after = lines[-1].number
