from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.period import Days
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.reports.tables import NUMBER_BOOK
from services.receipt.storage.series.tables import RECEIPT_SERIES

ONCE: Final = InsertOnce(NUMBER_BOOK)
_B: Final = NUMBER_BOOK.c
_S: Final = RECEIPT_SERIES.c
_BOOKED: Final = (
    select(func.coalesce(func.max(_B.last_number), 0))
    .where(_B.agency_code == _S.agency_code, _B.form_code == _S.form_code, _B.symbol == _S.symbol)
    .correlate(RECEIPT_SERIES)
    .scalar_subquery()
)
OF_ANOTHER: Final = exists().where(
    and_(
        RECEIPT.c.agency_code == _S.agency_code,
        RECEIPT.c.form_code == _S.form_code,
        RECEIPT.c.symbol == _S.symbol,
        RECEIPT.c.issuer.is_not(None),
    )
)
UNBOOKED: Final = (
    select(_S.agency_code, _S.form_code, _S.symbol)
    .where(_S.last_number > _BOOKED, ~OF_ANOTHER)
    .order_by(_S.agency_code, _S.form_code, _S.symbol)
)


class SqlNumberBooks:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, book: NumberBook) -> bool:
        row = {
            "agency_code": book.series.agency_code,
            "form_code": book.series.form_code,
            "symbol": book.series.symbol,
            "day_on": book.day,
            "first_number": book.first,
            "last_number": book.last,
            "amount_minor_units": book.amount,
            "previous_sha256": book.previous_sha256,
            "content": book.content,
            "sha256": book.sha256,
            "drawn_up_at": book.drawn_up_at,
        }
        return await ONCE.run(self._connection, row)

    async def find(self, series: ReceiptSeries, day: date) -> NumberBook | None:
        return await self._one(_of(series).where(_B.day_on == day))

    async def find_last(self, series: ReceiptSeries) -> NumberBook | None:
        return await self._one(_of(series).order_by(_B.day_on.desc()).limit(1))

    async def list_series(self) -> Sequence[ReceiptSeries]:
        rows = await self._connection.execute(UNBOOKED)
        return [
            ReceiptSeries(agency_code=row.agency_code, form_code=row.form_code, symbol=row.symbol)
            for row in rows
        ]

    async def list_of(
        self, series: ReceiptSeries, *, after: int, limit: int
    ) -> Sequence[NumberBook]:
        """Those that begin behind this number, in order."""
        query = _of(series).where(_B.first_number > after).order_by(_B.first_number).limit(limit)
        return [_to_book(row) for row in await self._connection.execute(query)]

    async def list_page(self, agencies: frozenset[str] | None, days: Days) -> Sequence[NumberBook]:
        query = select(NUMBER_BOOK).where(_B.day_on.between(days.first, days.last))
        if agencies is not None:
            query = query.where(_B.agency_code.in_(agencies))
        ordered = query.order_by(_B.agency_code, _B.form_code, _B.symbol, _B.day_on)
        return [_to_book(row) for row in await self._connection.execute(ordered)]

    async def _one(self, query: Select[Any]) -> NumberBook | None:
        row = (await self._connection.execute(query)).one_or_none()
        return _to_book(row) if row is not None else None


def _of(series: ReceiptSeries) -> Select[Any]:
    return select(NUMBER_BOOK).where(
        _B.agency_code == series.agency_code,
        _B.form_code == series.form_code,
        _B.symbol == series.symbol,
    )


def _to_book(row: Row[Any]) -> NumberBook:
    series = ReceiptSeries(agency_code=row.agency_code, form_code=row.form_code, symbol=row.symbol)
    return NumberBook(
        series=series,
        day=row.day_on,
        first=row.first_number,
        last=row.last_number,
        amount=row.amount_minor_units,
        previous_sha256=row.previous_sha256,
        content=row.content,
        sha256=row.sha256,
        drawn_up_at=row.drawn_up_at,
    )
