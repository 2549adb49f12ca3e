"""Rules and numbers. Numbers are drawn by one UPDATE whose row lock lasts to the commit."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Utc
from services.receipt.domain.series.choosing import Choice, Step
from services.receipt.domain.series.life import PLATFORM, Closing, SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries
from services.receipt.ports.series import DrawnNumbers
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.series.register import SqlSeriesRegister, to_life
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
OF_YEAR: Final = (
    select(RECEIPT_SERIES)
    .where(
        RECEIPT_SERIES.c.year == bindparam("of_year"),
        RECEIPT_SERIES.c.agency_code.in_(bindparam("codes", expanding=True)),
    )
    .order_by(RECEIPT_SERIES.c.planned_at)
)
_NOW: Final = bindparam("now", type_=Utc())
_LAST: Final = RECEIPT_SERIES.c.last_numbered_at
DRAW: Final = (
    update(RECEIPT_SERIES)
    .where(
        RECEIPT_SERIES.c.agency_code == bindparam("of_agency"),
        RECEIPT_SERIES.c.form_code == bindparam("of_form"),
        RECEIPT_SERIES.c.symbol == bindparam("of_symbol"),
        RECEIPT_SERIES.c.year.is_not(None),
        RECEIPT_SERIES.c.state == SeriesState.OPEN.value,
        RECEIPT_SERIES.c.last_number + bindparam("count") <= bindparam("numbers_max"),
    )
    .values(
        last_number=RECEIPT_SERIES.c.last_number + bindparam("count"),
        # Two machines' clocks differ; the dates of a series must rise with its numbers.
        last_numbered_at=case((_LAST > _NOW, _LAST), else_=_NOW),
    )
    .returning(
        RECEIPT_SERIES.c.last_number,
        RECEIPT_SERIES.c.last_numbered_at,
        RECEIPT_SERIES.c.signing_waits,
    )
)
_KEY: Final = (RECEIPT_SERIES.c.agency_code, RECEIPT_SERIES.c.form_code, RECEIPT_SERIES.c.symbol)
_ONE: Final = update(RECEIPT_SERIES).where(
    RECEIPT_SERIES.c.agency_code == bindparam("of_agency"),
    RECEIPT_SERIES.c.form_code == bindparam("of_form"),
    RECEIPT_SERIES.c.symbol == bindparam("of_symbol"),
)
# Both sides of it are found by indexes as small as the work that waits.
UNSIGNED: Final = (
    select(*_KEY)
    .where(
        or_(
            RECEIPT_SERIES.c.signing_waits,
            tuple_(*_KEY).in_(
                select(RECEIPT.c.agency_code, RECEIPT.c.form_code, RECEIPT.c.symbol).where(
                    RECEIPT.c.signing_due_at <= bindparam("now", type_=Utc())
                )
            ),
        ),
        or_(
            RECEIPT_SERIES.c.signing_leased_until.is_(None),
            RECEIPT_SERIES.c.signing_leased_until <= bindparam("now", type_=Utc()),
        ),
    )
    .limit(1)
    .with_for_update(of=RECEIPT_SERIES, skip_locked=True)
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
            symbol_alphabet=row.symbol_alphabet,
            symbol_format=row.symbol_format,
            form_pattern=row.form_pattern,
        )


class SqlSeriesBook:
    def __init__(self, connection: AsyncConnection, *, must_be_planned: bool = False) -> None:
        self._connection = connection
        self.must_be_planned = must_be_planned

    async def list_of_year(self, agency_codes: Collection[str], year: int) -> Sequence[SeriesLife]:
        wanted: dict[str, Any] = {"of_year": year, "codes": list(agency_codes)}
        rows = (await self._connection.execute(OF_YEAR, wanted)).mappings()
        return [to_life(row) for row in rows]

    async def prepare(self, choice: Choice, *, year: int, now: datetime) -> None:
        """Of two that come together, one waits here for the other."""
        if choice.step is Step.OPEN:
            opened = _ONE.where(RECEIPT_SERIES.c.state == SeriesState.PLANNED.value).values(
                state=SeriesState.OPEN.value, opened_at=now, opened_by=PLATFORM
            )
            await self._connection.execute(opened, _key(choice.series))
        elif choice.step is Step.BEGIN:
            life = SeriesLife.plan(
                choice.series,
                letters=choice.letters,
                year=year,
                face_value=choice.face_value,
                at=now,
                by=PLATFORM,
            )
            await SqlSeriesRegister(self._connection).add_once(life.open(at=now, by=PLATFORM))

    async def draw(
        self, series: ReceiptSeries, *, count: int, numbers_max: int, now: datetime
    ) -> DrawnNumbers | None:
        wanted = _key(series) | {"count": count, "numbers_max": numbers_max, "now": now}
        drawn = (await self._connection.execute(DRAW, wanted)).one_or_none()
        if drawn is None:
            left = await self._left(series, numbers_max=numbers_max, now=now)
            if not left:
                return None
            count = min(count, left)
            drawn = (await self._connection.execute(DRAW, wanted | {"count": count})).one()
        return DrawnNumbers(
            first=drawn.last_number - count + 1,
            count=count,
            numbered_at=drawn.last_numbered_at,
            signing_waits=drawn.signing_waits,
        )

    async def _left(self, series: ReceiptSeries, *, numbers_max: int, now: datetime) -> int:
        """Of an open one, which is held from here on; one with nothing left ends here."""
        open_one = (
            select(RECEIPT_SERIES.c.last_number)
            .where(
                RECEIPT_SERIES.c.agency_code == series.agency_code,
                RECEIPT_SERIES.c.form_code == series.form_code,
                RECEIPT_SERIES.c.symbol == series.symbol,
                RECEIPT_SERIES.c.year.is_not(None),
                RECEIPT_SERIES.c.state == SeriesState.OPEN.value,
            )
            .with_for_update()
        )
        last = (await self._connection.execute(open_one)).scalar_one_or_none()
        if last is None:
            return 0
        left: int = max(numbers_max - last, 0)
        if not left:
            await self._change(
                series,
                state=SeriesState.CLOSED.value,
                closing=Closing.FULL.value,
                closed_at=now,
                closed_by=PLATFORM,
            )
        return left

    async def let_signing_wait(self, series: Collection[ReceiptSeries]) -> None:
        ordered = sorted(series, key=lambda one: (one.agency_code, one.form_code, one.symbol))
        for one in ordered:
            await self._change(one, signing_waits=True)

    async def lease_unsigned(self, *, now: datetime, until: datetime) -> ReceiptSeries | None:
        row = (await self._connection.execute(UNSIGNED, {"now": now})).one_or_none()
        if row is None:
            return None
        leased = ReceiptSeries(
            agency_code=row.agency_code, form_code=row.form_code, symbol=row.symbol
        )
        await self._change(leased, signing_leased_until=until)
        return leased

    async def end_waiting(self, series: ReceiptSeries) -> None:
        await self._change(series, signing_waits=False)

    async def release(self, series: ReceiptSeries, *, at: datetime) -> None:
        await self._change(series, signing_leased_until=at)

    async def _change(self, series: ReceiptSeries, **values: object) -> None:
        await self._connection.execute(_ONE.values(**values), _key(series))


def _key(series: ReceiptSeries) -> dict[str, Any]:
    return {
        "of_agency": series.agency_code,
        "of_form": series.form_code,
        "of_symbol": series.symbol,
    }
