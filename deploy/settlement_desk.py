"""The accountant's desk without a server: straight at the payment service's database."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.tables.csv_table import CsvTable
from chassis.tables.table import Rows, TableWriter
from chassis.tables.xlsx_table import XlsxTable
from services.payment.domain.settlements.file import Encoding, FileFormat, Period, SettlementFile
from services.payment.domain.settlements.row import StoredRow
from services.payment.ports.settlements import DifferenceFilter
from services.payment.providers.settlement_files import FileReaders
from services.payment.providers.settlement_files.pipe_answer import write_answer
from services.payment.providers.settlement_files.terms import TermsFolder
from services.payment.settings import PaymentSettings
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.settlements.export_settlements import (
    COLUMNS,
    PAGE,
    Export,
    export_days,
    export_differences,
    export_remittances,
    export_rows,
)
from services.payment.use_cases.settlements.load_settlement_file import (
    Loaded,
    LoadTools,
    Upload,
    load_settlement_file,
)
from services.payment.use_cases.settlements.reconcile_provider import (
    Reconciled,
    ReconcileTools,
    reconcile_provider,
)

PART_BYTES: Final = 262_144
WRITERS: Final[Mapping[str, TableWriter]] = {".csv": CsvTable(), ".xlsx": XlsxTable()}


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    path: Path

    def chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while part := file.read(PART_BYTES):
                yield part


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A file as it was named on the command line."""

    provider: str
    path: Path
    form: FileFormat | None = None
    encoding: Encoding = Encoding.AUTO
    signature: bytes | None = None
    period: Period | None = None
    by: str = "operator"


class SettlementDesk:
    def __init__(self, database: Database, settings: PaymentSettings) -> None:
        self._database = database
        self._clock = SystemClock()
        self._ids = SystemIds(self._clock)
        self._agreements = TermsFolder(settings.keys_dir)
        self._grace = settings.settlement_grace

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: PaymentSettings) -> AsyncIterator[Self]:
        database = Database.open(settings.database_url, pool_size=1)
        try:
            yield cls(database, settings)
        finally:
            await database.close()

    async def load(self, brought: Brought, progress: Callable[[SettlementFile], None]) -> Loaded:
        upload = Upload(
            provider=brought.provider,
            name=brought.path.name,
            source=FileOnDisk(brought.path),
            format=brought.form,
            encoding=brought.encoding,
            signature=brought.signature,
            period=brought.period,
            loaded_by=f"operator:{brought.by}",
        )
        tools = LoadTools(
            readers=FileReaders(),
            agreements=self._agreements,
            uow=self._uow(),
            clock=self._clock,
            ids=self._ids,
        )
        return await load_settlement_file(upload, tools=tools, progress=progress)

    async def reconcile(self, provider: str, on: date) -> Reconciled:
        tools = ReconcileTools(
            agreements=self._agreements,
            uow=self._uow(),
            clock=self._clock,
            ids=self._ids,
            grace=self._grace,
        )
        return await reconcile_provider(provider, on, tools=tools)

    async def export(self, what: Export, provider: str, on: date, path: Path) -> None:
        rows = self._rows(what, provider, on)
        await _save(WRITERS[path.suffix].write(COLUMNS[what], rows), path)

    def _rows(self, what: Export, provider: str, on: date) -> Rows:
        match what:
            case Export.ROWS:
                return export_rows(provider, on, open_reading=self._reading)
            case Export.DIFFERENCES:
                wanted = DifferenceFilter(provider=provider, on=on)
                return export_differences(wanted, open_reading=self._reading)
            case Export.DAYS:
                return export_days(provider, open_reading=self._reading)
            case Export.REMITTANCES:
                return export_remittances(None, open_reading=self._reading)

    async def answer(self, file_id: UUID, path: Path) -> None:
        await _save(write_answer(self._rows_of(file_id)), path)

    async def _rows_of(self, file_id: UUID) -> AsyncIterator[StoredRow]:
        after = 0
        while True:
            async with self._reading() as reading:
                await reading.settlement_files.get(file_id)
                page = await reading.settlement_rows.list_of_file(file_id, after=after, limit=PAGE)
            for one in page:
                yield one
            if len(page) < PAGE:
                return
            after = page[-1].row.line

    def _uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._database, clock=self._clock, ids=self._ids)

    def _reading(self) -> SqlReading:
        return SqlReading(self._database)


async def _save(parts: AsyncIterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        async for part in parts:
            file.write(part)
