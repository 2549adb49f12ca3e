"""Series as people plan, open and close them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import RowMapping, exists, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.series.errors import SeriesNotFound
from services.receipt.domain.series.life import Closing, SeriesLife, SeriesState, Tally
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.series import SeriesFilter
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.series.tables import RECEIPT_SERIES

_T: Final = RECEIPT_SERIES.c
_ONCE: Final = InsertOnce(RECEIPT_SERIES)


class SqlSeriesRegister:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, life: SeriesLife) -> bool:
        key = _key(life.series)
        return await _ONCE.run(self._connection, key | life_row(life))

    async def get_for_update(self, series: ReceiptSeries) -> SeriesLife:
        query = select(RECEIPT_SERIES).where(*_is(series), _T.year.is_not(None)).with_for_update()
        row = (await self._connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise SeriesNotFound
        return to_life(row)

    async def save(self, life: SeriesLife) -> None:
        """The numbers drawn are not changed by this."""
        row = life_row(life)
        del row["last_number"], row["last_numbered_at"]
        await self._connection.execute(update(RECEIPT_SERIES).where(*_is(life.series)).values(row))

    async def tally(self, series: ReceiptSeries) -> Tally:
        counted = select(func.count(), func.count(RECEIPT.c.signing_due_at)).where(
            RECEIPT.c.agency_code == series.agency_code,
            RECEIPT.c.form_code == series.form_code,
            RECEIPT.c.symbol == series.symbol,
        )
        receipts, unsigned = (await self._connection.execute(counted)).one()
        return Tally(receipts=receipts, unsigned=unsigned)

    async def list_past(self, *, before_year: int, limit: int) -> Sequence[ReceiptSeries]:
        query = (
            select(_T.agency_code, _T.form_code, _T.symbol)
            .where(_T.year < before_year, _T.state != SeriesState.CLOSED.value)
            .order_by(_T.agency_code, _T.form_code, _T.symbol)
            .limit(limit)
        )
        return [_series(row) for row in (await self._connection.execute(query)).mappings()]

    async def list_unrenewed(self, year: int, *, limit: int) -> Sequence[SeriesLife]:
        after = RECEIPT_SERIES.alias()
        renewed = exists().where(
            after.c.agency_code == _T.agency_code,
            after.c.year == year + 1,
            after.c.face_value == _T.face_value,
        )
        query = (
            select(RECEIPT_SERIES)
            .where(_T.year == year, _T.state == SeriesState.OPEN.value, ~renewed)
            .order_by(_T.agency_code, _T.face_value)
            .limit(limit)
        )
        return [to_life(row) for row in (await self._connection.execute(query)).mappings()]

    async def list_page(self, wanted: SeriesFilter) -> Sequence[SeriesLife]:
        key = (_T.agency_code, _T.form_code, _T.symbol)
        page = select(RECEIPT_SERIES).where(_T.year.is_not(None))
        if wanted.agencies is not None:
            page = page.where(_T.agency_code.in_(sorted(wanted.agencies)))
        if wanted.year is not None:
            page = page.where(_T.year == wanted.year)
        if wanted.state is not None:
            page = page.where(_T.state == wanted.state.value)
        if wanted.after is not None:
            one = wanted.after
            page = page.where(tuple_(*key) > (one.agency_code, one.form_code, one.symbol))
        ordered = page.order_by(*key).limit(wanted.limit)
        return [to_life(row) for row in (await self._connection.execute(ordered)).mappings()]


def life_row(life: SeriesLife) -> dict[str, Any]:
    return {
        "year": life.year,
        "letters": life.letters,
        "face_value": life.face_value or 0,
        "state": life.state.value,
        "last_number": life.last_number,
        "last_numbered_at": life.last_numbered_at,
        "planned_at": life.planned_at,
        "planned_by": life.planned_by,
        "opened_at": life.opened_at,
        "opened_by": life.opened_by,
        "closed_at": life.closed_at,
        "closed_by": life.closed_by,
        "closing": life.closing.value if life.closing else None,
        "reason": life.reason,
    }


def to_life(row: RowMapping) -> SeriesLife:
    return SeriesLife(
        series=_series(row),
        year=row["year"],
        letters=row["letters"],
        face_value=row["face_value"] or None,
        state=SeriesState(row["state"]),
        last_number=row["last_number"],
        last_numbered_at=row["last_numbered_at"],
        planned_at=row["planned_at"],
        planned_by=row["planned_by"],
        opened_at=row["opened_at"],
        opened_by=row["opened_by"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        closing=Closing(row["closing"]) if row["closing"] else None,
        reason=row["reason"],
    )


def _key(series: ReceiptSeries) -> dict[str, Any]:
    return {
        "agency_code": series.agency_code,
        "form_code": series.form_code,
        "symbol": series.symbol,
    }


def _series(row: RowMapping) -> ReceiptSeries:
    return ReceiptSeries(
        agency_code=row["agency_code"], form_code=row["form_code"], symbol=row["symbol"]
    )


def _is(series: ReceiptSeries) -> list[Any]:
    return [_T[name] == value for name, value in _key(series).items()]
