"""Series over the year: planned, opened, drawn from, closed when whole, and renewed."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.testing import FrozenClock
from services.receipt.domain.series.errors import (
    AnotherSeriesIsOpen,
    FaceValueMismatch,
    NoOpenSeries,
    SeriesExists,
    SeriesNotOfThisYear,
    SeriesNotWhole,
    SymbolNotAllowed,
    YearNotAllowed,
)
from services.receipt.domain.series.life import Closing, SeriesState
from services.receipt.use_cases.series.close_series import GRACE, close_past_series, close_series
from services.receipt.use_cases.series.open_series import open_series
from services.receipt.use_cases.series.plan_series import SeriesPlan, plan_series
from services.receipt.use_cases.series.renew_series import renew_series
from tests.receipt.samples import NOON
from tests.receipt.series.conftest import Calendar, series

NEW_YEAR = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


async def test_the_planned_one_opens_with_the_first_receipt(calendar: Calendar) -> None:
    planned = await calendar.plan("KT")
    assert planned.state is SeriesState.PLANNED

    receipt = await calendar.pay()

    assert (receipt.number.series, receipt.number.number) == (series("KT-26E"), 1)
    opened = (await calendar.lives())["KT-26E"]
    assert (opened.state, opened.opened_by, opened.last_number) == (SeriesState.OPEN, "platform", 1)


async def test_forty_at_once_open_it_once_and_leave_no_gap(calendar: Calendar) -> None:
    await calendar.plan("KT")

    receipts = await asyncio.gather(*(calendar.pay() for _ in range(40)))

    assert sorted(one.number.number for one in receipts) == list(range(1, 41))
    assert {one.number.series.symbol for one in receipts} == {"KT-26E"}


async def test_a_full_one_rolls_over_under_fifty_writers(calendar: Calendar) -> None:
    async with calendar.database.begin() as connection:
        await connection.execute(text("UPDATE receipt_rule SET number_width = 1"))

    receipts = await asyncio.gather(*(calendar.pay() for _ in range(50)))

    counted = Counter(one.number.series.symbol for one in receipts)
    assert counted == {"AA-26E": 9, "AB-26E": 9, "AC-26E": 9, "AD-26E": 9, "AE-26E": 9, "AG-26E": 5}
    for symbol, count in counted.items():
        mine = sorted(o.number.number for o in receipts if o.number.series.symbol == symbol)
        assert mine == list(range(1, count + 1))
    lives = await calendar.lives()
    assert [lives[symbol].closing for symbol in sorted(lives)] == [Closing.FULL] * 5 + [None]


async def test_a_ticket_of_a_printed_value_is_numbered_from_its_own_series(
    calendar: Calendar,
) -> None:
    await calendar.plan("TV", face_value=2000)

    ticket, other = await calendar.pay(2000), await calendar.pay(2001)

    assert ticket.number.series == series("TV-26E", "02BLP0-001")
    assert other.number.series == series("AA-26E")


async def test_nothing_is_drawn_from_a_closed_one(calendar: Calendar) -> None:
    await calendar.sign(await calendar.pay())
    await close_series(series("AA-26E"), by="a", reason="đổi ký hiệu", tools=calendar.tools)

    with pytest.raises(NoOpenSeries):
        await calendar.pay()
    async with calendar.open_uow() as uow:
        drawn = await uow.series.draw(series("AA-26E"), count=1, numbers_max=9, now=NOON)
    assert drawn is None
    # What waited is numbered as soon as somebody plans where from.
    await calendar.plan("KT")
    assert (await calendar.pay()).number.series.symbol == "KT-26E"


async def test_only_a_whole_one_is_closed(calendar: Calendar) -> None:
    receipt = await calendar.pay()
    with pytest.raises(SeriesNotWhole, match="1 wait for a signature"):
        await close_series(series("AA-26E"), by="a", reason="b", tools=calendar.tools)

    await calendar.sign(receipt)
    async with calendar.database.begin() as connection:
        await connection.execute(text("UPDATE receipt_series SET last_number = 2"))
    with pytest.raises(SeriesNotWhole, match="misses 1 receipts"):
        await close_series(series("AA-26E"), by="a", reason="b", tools=calendar.tools)
    assert (await calendar.lives())["AA-26E"].state is SeriesState.OPEN


async def test_the_year_is_closed_after_the_grace_and_no_sooner(
    calendar: Calendar, clock: FrozenClock
) -> None:
    clock.advance(NEW_YEAR - NOON - timedelta(seconds=1))
    old = await calendar.pay()
    clock.advance(timedelta(seconds=2))
    new = await calendar.pay()
    assert (old.number.series.symbol, new.number.series.symbol) == ("AA-26E", "AA-27E")

    assert await close_past_series(tools=calendar.tools) == 0
    assert (await calendar.lives())["AA-26E"].state is SeriesState.OPEN
    clock.advance(GRACE)
    # One receipt is unsigned still.
    assert await close_past_series(tools=calendar.tools) == 1
    await calendar.sign(old)
    assert await close_past_series(tools=calendar.tools) == 0

    lives = await calendar.lives()
    closed = lives["AA-26E"]
    assert (closed.state, closed.closing) == (SeriesState.CLOSED, Closing.YEAR_END)
    assert (closed.last_number, closed.closed_by) == (1, "platform")
    assert lives["AA-27E"].state is SeriesState.OPEN
    # A machine that still believes it is last year numbers nothing.
    clock.advance(NEW_YEAR - timedelta(minutes=1) - clock.now())
    with pytest.raises(NoOpenSeries):
        await calendar.pay()


async def test_in_december_next_year_is_planned_once_and_opens_with_it(
    calendar: Calendar, clock: FrozenClock
) -> None:
    await calendar.plan("KT")
    await calendar.pay()
    assert await renew_series(tools=calendar.tools) == 0
    clock.advance(timedelta(days=10))

    assert [await renew_series(tools=calendar.tools) for _ in range(2)] == [1, 0]
    assert (await calendar.lives())["KT-27E"].state is SeriesState.PLANNED

    # Somebody wants other letters: what they withdrew is not planned again.
    await close_series(series("KT-27E"), by="a", reason="đổi ký hiệu", tools=calendar.tools)
    assert await renew_series(tools=calendar.tools) == 0
    await calendar.plan("BL", year=2027)
    clock.advance(NEW_YEAR - clock.now())
    assert (await calendar.pay()).number.series.symbol == "BL-27E"


async def test_what_cannot_be_planned_is_refused(calendar: Calendar) -> None:
    with pytest.raises(SymbolNotAllowed):
        await calendar.plan("BI")
    with pytest.raises(YearNotAllowed):
        await calendar.plan("KT", year=2028)
    await calendar.plan("KT")
    with pytest.raises(SeriesExists):
        await calendar.plan("KT")
    ticket = SeriesPlan(agency_code="H19.25", year=2026, form_code="02BLP0-001", letters="TV")
    with pytest.raises(FaceValueMismatch):
        await plan_series(ticket, by="a", tools=calendar.tools)


async def test_one_is_open_for_each_use(calendar: Calendar) -> None:
    await calendar.plan("KT")
    await calendar.plan("BL")
    await calendar.plan("AB", year=2027)
    await open_series(series("BL-26E"), by="a", tools=calendar.tools)

    with pytest.raises(AnotherSeriesIsOpen):
        await open_series(series("KT-26E"), by="a", tools=calendar.tools)
    with pytest.raises(SeriesNotOfThisYear):
        await open_series(series("AB-27E"), by="a", tools=calendar.tools)
    assert (await calendar.pay()).number.series.symbol == "BL-26E"
    # Whatever a program does, the table holds it too.
    with pytest.raises(IntegrityError):
        async with calendar.database.begin() as connection:
            await connection.execute(
                text("UPDATE receipt_series SET state = 'open' WHERE symbol = 'KT-26E'")
            )
