from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.canonical import sha256_hex
from chassis.db import ReadingScope, TransactionScope
from services.receipt.domain.receipts.receipt import Document, Form, Status
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.keeping import IssuedReceipt, Numbered
from services.receipt.storage.keeping.findings import SqlKeepingFindings
from services.receipt.storage.keeping.holds import SqlHolds, SqlRetentionRules
from services.receipt.storage.keeping.kept_documents import SqlKeptDocuments
from services.receipt.storage.keeping.tables import VAULT_SHELF
from services.receipt.storage.receipts.documents import SqlDocuments
from services.receipt.storage.receipts.tables import RECEIPT, RECEIPT_DOCUMENT
from services.receipt.storage.reports.number_books import OF_ANOTHER, SqlNumberBooks
from services.receipt.storage.series.tables import RECEIPT_SERIES

_S: Final = VAULT_SHELF.c
_D: Final = RECEIPT_DOCUMENT.c
_R: Final = RECEIPT.c
_KEY: Final = (
    RECEIPT_SERIES.c.agency_code,
    RECEIPT_SERIES.c.form_code,
    RECEIPT_SERIES.c.symbol,
)


class SqlShelves:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, *, now: datetime, until: datetime) -> str | None:
        due = (
            select(_S.prefix)
            .where(or_(_S.due_at.is_(None), _S.due_at <= now))
            .order_by(_S.due_at.nulls_first(), _S.prefix)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        prefix = (await self._connection.execute(due)).scalar_one_or_none()
        if prefix is not None:
            lend = update(VAULT_SHELF).where(_S.prefix == prefix)
            await self._connection.execute(lend.values(due_at=until))
        return prefix

    async def save_looked(self, prefix: str, *, at: datetime, due_at: datetime) -> None:
        looked = update(VAULT_SHELF).where(_S.prefix == prefix)
        await self._connection.execute(looked.values(looked_at=at, due_at=due_at))


class SqlKeptOriginals:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, receipt_id: UUID, form: Form) -> Document | None:
        return await SqlDocuments(self._connection).find(receipt_id, form)

    async def restore(self, document: Document) -> bool:
        if sha256_hex(document.body) != document.sha256:
            return False
        if await SqlDocuments(self._connection).add_new([document]):
            return True
        there = await self.find(document.receipt_id, document.form)
        if there is None or there.sha256 != document.sha256:
            return False
        if there.body == document.body:
            return False
        # The trigger lets this pass because these bytes fit, and those that were there do not.
        mended = update(RECEIPT_DOCUMENT).where(
            _D.receipt_id == document.receipt_id, _D.form == document.form.value
        )
        await self._connection.execute(mended.values(body=document.body))
        return True

    async def list_issued(self, *, after: UUID | None, limit: int) -> Sequence[IssuedReceipt]:
        page = select(RECEIPT).where(_R.status == Status.ISSUED.value).order_by(_R.id).limit(limit)
        if after is not None:
            page = page.where(_R.id > after)
        return [
            IssuedReceipt(
                id=row.id,
                agency_code=row.agency_code,
                form_code=row.form_code,
                symbol=row.symbol,
                number=row.number,
                xml_sha256=row.xml_sha256,
                issuer=row.issuer,
            )
            for row in await self._connection.execute(page)
        ]


class SqlNumbersKept:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_series(self) -> Sequence[tuple[ReceiptSeries, int]]:
        ours = select(RECEIPT_SERIES).where(~OF_ANOTHER).order_by(*_KEY)
        return [(_series(row), row.last_number) for row in await self._connection.execute(ours)]

    async def list_numbers(
        self, series: ReceiptSeries, *, after: int, limit: int
    ) -> Sequence[Numbered]:
        page = (
            select(_R.number, _R.xml_sha256)
            .where(
                _R.agency_code == series.agency_code,
                _R.form_code == series.form_code,
                _R.symbol == series.symbol,
                _R.number > after,
            )
            .order_by(_R.number)
            .limit(limit)
        )
        rows = await self._connection.execute(page)
        return [Numbered(number=row.number, xml_sha256=row.xml_sha256) for row in rows]

    async def list_books(
        self, series: ReceiptSeries, *, after: int, limit: int
    ) -> Sequence[NumberBook]:
        return await SqlNumberBooks(self._connection).list_of(series, after=after, limit=limit)


def _series(row: Row[Any]) -> ReceiptSeries:
    return ReceiptSeries(agency_code=row.agency_code, form_code=row.form_code, symbol=row.symbol)


class _Kept:
    kept: SqlKeptDocuments
    findings: SqlKeepingFindings
    holds: SqlHolds
    rules: SqlRetentionRules
    shelves: SqlShelves
    numbers: SqlNumbersKept
    originals: SqlKeptOriginals

    def bind(self, connection: AsyncConnection) -> None:
        self.kept = SqlKeptDocuments(connection)
        self.findings = SqlKeepingFindings(connection)
        self.holds = SqlHolds(connection)
        self.rules = SqlRetentionRules(connection)
        self.shelves = SqlShelves(connection)
        self.numbers = SqlNumbersKept(connection)
        self.originals = SqlKeptOriginals(connection)


class SqlKeeping(_Kept, TransactionScope):
    """One transaction."""


class SqlKeepingReading(_Kept, ReadingScope):
    """For looking only."""
