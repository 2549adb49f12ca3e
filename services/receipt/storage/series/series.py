"""Rules and numbers. A number is drawn by one UPDATE whose row lock lasts to the commit."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Utc
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries
from services.receipt.ports.series import DrawnNumbers
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.series.tables import RECEIPT_RULE, RECEIPT_SERIES

IN_FORCE: Final = (
    select(RECEIPT_RULE)
    .where(
        RECEIPT_RULE.c.valid_from_on <= bindparam("day"),
        or_(RECEIPT_RULE.c.valid_to_on.is_(None), RECEIPT_RULE.c.valid_to_on >= bindparam("day")),
    )
    .order_by(RECEIPT_RULE.c.valid_from_on.desc())
    .limit(1)
)
BEGIN: Final = InsertOnce(RECEIPT_SERIES)
_NOW: Final = bindparam("now", type_=Utc())
_LAST: Final = RECEIPT_SERIES.c.last_numbered_at
DRAW: Final = (
    update(RECEIPT_SERIES)
    .where(
        RECEIPT_SERIES.c.agency_code == bindparam("of_agency"),
        RECEIPT_SERIES.c.form_code == bindparam("of_form"),
        RECEIPT_SERIES.c.symbol == bindparam("of_symbol"),
    )
    .values(
        last_number=RECEIPT_SERIES.c.last_number + bindparam("count"),
        # Two machines' clocks differ; the dates of a series must rise with its numbers.
        last_numbered_at=case((_LAST > _NOW, _LAST), else_=_NOW),
    )
    .returning(RECEIPT_SERIES.c.last_number, RECEIPT_SERIES.c.last_numbered_at)
)


class SqlReceiptRules:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, *, on: date) -> ReceiptRule | None:
        row = (await self._connection.execute(IN_FORCE, {"day": on})).one_or_none()
        if row is None:
            return None
        return ReceiptRule(
            valid_from=row.valid_from_on,
            valid_to=row.valid_to_on,
            title=row.title,
            form_code=row.form_code,
            symbol_letters=row.symbol_letters,
            number_width=row.number_width,
            legal_basis=row.legal_basis,
        )


class SqlSeriesBook:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def draw(self, series: ReceiptSeries, *, count: int, now: datetime) -> DrawnNumbers:
        wanted = {
            "of_agency": series.agency_code,
            "of_form": series.form_code,
            "of_symbol": series.symbol,
            "count": count,
            "now": now,
        }
        drawn = (await self._connection.execute(DRAW, wanted)).one_or_none()
        if drawn is None:
            await self._begin(series, now)
            drawn = (await self._connection.execute(DRAW, wanted)).one()
        return DrawnNumbers(first=drawn.last_number - count + 1, numbered_at=drawn.last_numbered_at)

    async def _begin(self, series: ReceiptSeries, now: datetime) -> None:
        """The first receipt of a year; of two that come together, one waits here for the other."""
        row = {
            "agency_code": series.agency_code,
            "form_code": series.form_code,
            "symbol": series.symbol,
            "last_number": 0,
            "last_numbered_at": now,
        }
        await BEGIN.run(self._connection, row)
