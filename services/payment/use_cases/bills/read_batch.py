"""First half of a batch: every line of its file is understood or refused, and none is opened."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from services.payment.domain.bills.batch import (
    LINES_MAX,
    BatchLine,
    BatchStatus,
    BillBatch,
    Refusal,
    Result,
    WaitingLine,
)
from services.payment.domain.bills.csv_bill import Header, read_bill
from services.payment.domain.bills.csv_lines import CsvLine, csv_lines, text_lines
from services.payment.domain.bills.errors import UnreadableFile, UnreadableLine
from services.payment.ports.unit_of_work import Reading, UnitOfWork
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.take_batch import BATCH_PURPOSE

READ_AT_ONCE: Final = 500

OpenReading = Callable[[], Reading]


@dataclass(slots=True)
class _Chunk:
    """Lines that are stored together, and how many came before them."""

    before: int
    waiting: list[WaitingLine] = field(default_factory=list)
    refused: list[BatchLine] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waiting) + len(self.refused)


async def read_batch(
    batch: BillBatch, *, uow: UnitOfWork, open_reading: OpenReading, desk: BillDesk
) -> None:
    """Goes on where a reader that died has left off: what was stored is read over, not again."""
    parts = _parts(batch, open_reading, desk)
    lines = csv_lines(text_lines(parts, batch.encoding), batch.delimiter)
    try:
        first = await anext(lines, None)
        header = Header.read(first.fields if first is not None else None)
        count, chunk = 0, _Chunk(batch.read)
        async for line in lines:
            count += 1
            if count > LINES_MAX:
                raise _too_long()
            if count <= batch.read:
                continue
            _add(line, header, chunk, batch=batch, desk=desk)
            if len(chunk) == READ_AT_ONCE:
                if not await _store(batch, chunk, uow):
                    return
                chunk = _Chunk(count)
        if count == 0:
            raise _empty()
    except UnreadableFile as unreadable:
        await _refuse(batch, unreadable, uow=uow, desk=desk)
        return
    if await _store(batch, chunk, uow):
        await _finish(batch, count, uow)


def _add(line: CsvLine, header: Header, chunk: _Chunk, *, batch: BillBatch, desk: BillDesk) -> None:
    reference = None
    try:
        if line.fields is None:
            raise UnreadableLine(
                "bad_csv",
                f"The line cannot be read: {line.fault}.",
                vi="Không đọc được dòng này theo định dạng CSV.",
            )
        said = header.name(line.fields)
        reference = said.get("reference")
        read_bill(said, client_id=batch.client_id)
    except UnreadableLine as unreadable:
        refusal = Refusal(
            code=unreadable.reason, detail=unreadable.message, detail_vi=unreadable.message_vi
        )
        chunk.refused.append(
            BatchLine(
                number=line.number,
                reference=reference,
                result=Result.REFUSED,
                refusal=refusal,
            )
        )
        return
    sealed = desk.seals.seal(said, purpose=BATCH_PURPOSE)
    chunk.waiting.append(
        WaitingLine(number=line.number, reference=said["reference"], sealed=sealed)
    )


async def _store(batch: BillBatch, chunk: _Chunk, uow: UnitOfWork) -> bool:
    """False when another reader was here, or the batch is no longer to be read."""
    async with uow:
        held = await uow.batches.hold(batch.id)
        if held is None or held.status is not BatchStatus.READING or held.read != chunk.before:
            return False
        await uow.batches.add_lines(batch.id, chunk.waiting, chunk.refused)
        await uow.batches.save(
            replace(held, read=held.read + len(chunk), refused=held.refused + len(chunk.refused))
        )
        return True


async def _finish(batch: BillBatch, count: int, uow: UnitOfWork) -> None:
    async with uow:
        held = await uow.batches.hold(batch.id)
        if held is not None and held.status is BatchStatus.READING and held.read == count:
            await uow.batches.save(held.move_to(BatchStatus.OPENING))
            await uow.batches.drop_parts(batch.id)


async def _refuse(
    batch: BillBatch, why: UnreadableFile, *, uow: UnitOfWork, desk: BillDesk
) -> None:
    async with uow:
        held = await uow.batches.hold(batch.id)
        if held is not None and held.status is BatchStatus.READING:
            refused = held.refuse(why, at=desk.clock.now())
            await uow.batches.save(replace(refused, read=0, refused=0))
            await uow.batches.drop_lines(batch.id)
            await uow.batches.drop_parts(batch.id)


async def _parts(
    batch: BillBatch, open_reading: OpenReading, desk: BillDesk
) -> AsyncIterator[bytes]:
    """One piece at a time: the file is never held whole."""
    number = 0
    while True:
        async with open_reading() as reading:
            sealed = await reading.batches.find_part(batch.id, number)
        if sealed is None:
            return
        part: str = desk.seals.unseal(sealed, purpose=BATCH_PURPOSE)["part"]
        yield part.encode("latin-1")
        number += 1


def _too_long() -> UnreadableFile:
    return UnreadableFile(
        f"The file has more than {LINES_MAX} lines.", vi=f"Tệp có quá {LINES_MAX} dòng."
    )


def _empty() -> UnreadableFile:
    return UnreadableFile("The file has no bills.", vi="Tệp không có khoản thu nào.")
