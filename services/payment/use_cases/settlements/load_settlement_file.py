from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import dropwhile
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import SettlementFileBusy, UnreadableSettlementFile
from services.payment.domain.settlements.file import (
    Encoding,
    FileFormat,
    FileState,
    Period,
    SettlementFile,
)
from services.payment.domain.settlements.row import BadLine, SettlementRow
from services.payment.ports.settlements import (
    Batch,
    FileSource,
    SettlementAgreements,
    SettlementReaders,
)
from services.payment.ports.unit_of_work import UnitOfWork

FILE_BYTES_MAX: Final = 1024**3
BATCH_LINES: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it was brought. Without a format, the one agreed with the provider."""

    provider: str
    name: str
    source: FileSource = field(repr=False)
    format: FileFormat | None = None
    encoding: Encoding = Encoding.AUTO
    signature: bytes | None = field(default=None, repr=False)
    period: Period | None = None
    loaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTools:
    readers: SettlementReaders
    agreements: SettlementAgreements
    uow: UnitOfWork
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True)
class Loaded:
    """`is_repeat`: these bytes were loaded before, and nothing was changed."""

    file: SettlementFile
    is_repeat: bool


async def load_settlement_file(
    upload: Upload,
    *,
    tools: LoadTools,
    progress: Callable[[SettlementFile], None] = lambda _file: None,
) -> Loaded:
    """Take every line of a file, or keep it with the reason why it is none; the same file, once.

    Lines go in by batches, each one transaction that also moves the mark up to which the file is
    read. What was cut short goes on from the mark, and counts only once the end was reached.
    """
    size, digest = _measure(upload.source.chunks())
    terms = tools.agreements.terms_of(upload.provider)
    signed_by = tools.agreements.signer_of(
        upload.provider, digest=digest, signature=upload.signature
    )
    form = upload.format or terms.format
    if form is None:
        raise UnreadableSettlementFile(f"no format is agreed with {upload.provider}: name one")
    begun = SettlementFile(
        id=tools.ids.new(),
        provider=upload.provider,
        format=form,
        sha256=digest.hex(),
        name=upload.name,
        size_bytes=size,
        signed_by=signed_by,
        loaded_by=upload.loaded_by,
        started_at=tools.clock.now(),
    )
    async with tools.uow as uow:
        file = await uow.settlement_files.begin_once(begun)
    if file.state is FileState.LOADED:
        return Loaded(file, is_repeat=True)
    try:
        file = await _add_lines(file, upload, tools, progress)
    except UnreadableSettlementFile as error:
        await _refuse(file, error.reason, tools)
        raise
    if file.rows == 0 and file.bad_lines:
        await _refuse(file, "no line of it could be read", tools)
        raise UnreadableSettlementFile("no line of it could be read; is it of another format?")
    async with tools.uow as uow:
        await uow.settlement_files.save_loaded(file.id, period=upload.period, at=tools.clock.now())
        return Loaded(await uow.settlement_files.get(file.id), is_repeat=False)


async def _add_lines(
    file: SettlementFile,
    upload: Upload,
    tools: LoadTools,
    progress: Callable[[SettlementFile], None],
) -> SettlementFile:
    lines = tools.readers.read(
        upload.source.chunks(),
        form=file.format,
        encoding=upload.encoding,
        now=file.started_at,
    )
    already = file.lines_read
    for batch in _batches(dropwhile(lambda one: one.line <= already, lines), already):
        async with tools.uow as uow:
            if not await uow.settlement_files.add_batch(file, batch):
                raise SettlementFileBusy
            file = await uow.settlement_files.get(file.id)
        progress(file)
    return file


async def _refuse(file: SettlementFile, reason: str, tools: LoadTools) -> None:
    async with tools.uow as uow:
        await uow.settlement_files.save_refused(file.id, reason)


def _batches(lines: Iterable[SettlementRow | BadLine], from_line: int) -> Iterator[Batch]:
    last = from_line
    rows: list[SettlementRow] = []
    bad_lines: list[BadLine] = []
    for one in lines:
        if isinstance(one, BadLine):
            bad_lines.append(one)
        else:
            rows.append(one)
        last = one.line
        if len(rows) + len(bad_lines) == BATCH_LINES:
            yield Batch(from_line=from_line, to_line=last, rows=rows, bad_lines=bad_lines)
            from_line = last
            rows, bad_lines = [], []
    if rows or bad_lines:
        yield Batch(from_line=from_line, to_line=last, rows=rows, bad_lines=bad_lines)


def _measure(chunks: Iterable[bytes]) -> tuple[int, bytes]:
    digest, size = sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > FILE_BYTES_MAX:
            raise UnreadableSettlementFile(f"it is longer than {FILE_BYTES_MAX} bytes")
        digest.update(chunk)
    if size == 0:
        raise UnreadableSettlementFile("it is empty")
    return size, digest.digest()
