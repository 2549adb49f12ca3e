from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from chassis.idempotency import KeyReused
from services.payment.domain.bills.batch import BillBatch
from services.payment.domain.bills.csv_bill import Header
from services.payment.domain.bills.csv_lines import (
    csv_lines,
    find_delimiter,
    find_encoding,
    text_lines,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.bills.desk import BillDesk

# Binds a sealed piece of a file, or line of it, to this use.
BATCH_PURPOSE: Final = "bill-batch"
PART_BYTES: Final = 256 * 1024
HEAD_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    client_id: str
    idempotency_key: str
    evidence_id: str
    raw: bytes


async def take_batch(file: SentFile, *, uow: UnitOfWork, desk: BillDesk) -> BillBatch:
    """Keep a file of bills to be opened. The same file, or key, again is the same batch.

    Only its head is read here: a file whose columns nobody understands is refused at once.
    """
    batch = await _describe(file, desk)
    async with uow:
        if await uow.batches.add_once(batch):
            for number, part in enumerate(_parts(file.raw)):
                sealed = desk.seals.seal({"part": part.decode("latin-1")}, purpose=BATCH_PURPOSE)
                await uow.batches.add_part(batch.id, number, sealed)
            return batch
        same = await uow.batches.find_same(batch)
    by_key = [one for one in same if one.idempotency_key == batch.idempotency_key]
    if by_key and by_key[0].file_sha256 != batch.file_sha256:
        raise KeyReused
    return same[0]


async def _describe(file: SentFile, desk: BillDesk) -> BillBatch:
    encoding = find_encoding(file.raw)
    delimiter = find_delimiter(file.raw, encoding)

    async def head() -> AsyncIterator[bytes]:
        yield file.raw[:HEAD_BYTES]

    first = await anext(csv_lines(text_lines(head(), encoding), delimiter), None)
    Header.read(first.fields if first is not None else None)
    return BillBatch(
        id=desk.ids.new(),
        client_id=file.client_id,
        idempotency_key=file.idempotency_key,
        file_sha256=sha256(file.raw).hexdigest(),
        file_bytes=len(file.raw),
        evidence_id=file.evidence_id,
        encoding=encoding,
        delimiter=delimiter,
        created_at=desk.clock.now(),
    )


def _parts(raw: bytes) -> Iterator[bytes]:
    for begin in range(0, len(raw), PART_BYTES):
        yield raw[begin : begin + PART_BYTES]
