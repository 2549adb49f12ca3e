"""A balance is looked up and not added up, and still is the sum of all entries at any time."""

import asyncio
import random
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.db import Database
from services.payment.domain.ledger.day import booking_day, last_day_over
from services.payment.storage.ledger.ledger import SqlLedger
from services.payment.storage.ledger.tables import (
    LEDGER_ACCOUNT,
    LEDGER_ACCOUNT_DAY,
    LEDGER_CLOSED_DAY,
    LEDGER_ENTRY,
    LEDGER_TRANSACTION,
)
from services.payment.use_cases.ledger.close_ledger_days import close_ledger_days
from tests.payment.ledger.postings import a_posting, fast_sums, full_sums, post
from tests.payment.samples import NOON
from tests.payment.world import SqlWorld

DAY = timedelta(days=1)
TOTALS = (LEDGER_ACCOUNT, LEDGER_ACCOUNT_DAY, LEDGER_CLOSED_DAY)


def a_week(seed: int) -> list[tuple[datetime, int, str]]:
    draw = random.Random(seed)
    days = [NOON + DAY * index for index in range(7) if draw.random() < 0.7]
    return [
        (day, draw.randint(1, 10**6), draw.choice(["H19.25", "H01", "000.00.25.H19"]))
        for day in days
        for _ in range(draw.randint(1, 5))
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_balances_are_the_full_sums_whatever_is_closed_already(
    database: Database, seed: int
) -> None:
    world = SqlWorld(database)
    for at, amount, agency in a_week(seed):
        world.clock.advance(at - world.clock.now())
        await close_ledger_days(uow=world.uow(), clock=world.clock)
        await post(database, a_posting(at, amount, agency=agency))

    for until in (*(booking_day(NOON) + DAY * index for index in range(-1, 8)), date.max):
        assert await fast_sums(database, until=until) == await full_sums(database, until=until)


async def test_a_day_is_closed_when_it_is_over_and_only_then(database: Database) -> None:
    world = SqlWorld(database)
    await post(database, a_posting(NOON, 7))

    midnight = datetime(2026, 11, 23, 17, 0, tzinfo=NOON.tzinfo)
    assert last_day_over(midnight + timedelta(minutes=14)) == date(2026, 11, 22)
    assert await close_ledger_days(uow=world.uow(), clock=world.clock) == []
    world.clock.advance(midnight + timedelta(minutes=15) - NOON)

    assert await close_ledger_days(uow=world.uow(), clock=world.clock) == [date(2026, 11, 23)]
    assert await close_ledger_days(uow=world.uow(), clock=world.clock) == []


async def test_a_closed_day_takes_no_more_entries(database: Database) -> None:
    world = SqlWorld(database)
    await post(database, a_posting(NOON, 7))
    world.clock.advance(2 * DAY)
    await close_ledger_days(uow=world.uow(), clock=world.clock)

    for late in (NOON, NOON - 3 * DAY):
        with pytest.raises(IntegrityError, match="closed"):
            await post(database, a_posting(late, 1))
    await post(database, a_posting(NOON + DAY, 1))
    assert await fast_sums(database) == await full_sums(database)


@pytest.mark.parametrize("wrong", ["transaction", "entry"])
async def test_nothing_is_booked_on_another_day_than_it_was_posted(
    database: Database, wrong: str
) -> None:
    one = a_posting(NOON, 7)
    other = booking_day(NOON) + DAY
    async with database.engine.connect() as connection:
        await connection.begin()
        await SqlLedger(connection).post(one)
        rows = [dict(row._mapping) for row in await connection.execute(LEDGER_ENTRY.select())]
        (row,) = (await connection.execute(LEDGER_TRANSACTION.select())).all()
        await connection.rollback()
    if wrong == "entry":
        rows[0]["booked_on"] = other
    head = dict(row._mapping) | ({"booked_on": other} if wrong == "transaction" else {})

    with pytest.raises(IntegrityError, match="another day"):
        async with database.begin() as connection:
            await connection.execute(insert(LEDGER_ENTRY), rows)
            await connection.execute(insert(LEDGER_TRANSACTION), head)


@pytest.mark.parametrize("table", TOTALS, ids=lambda table: table.name)
async def test_totals_once_written_stay(database: Database, table: object) -> None:
    world = SqlWorld(database)
    await post(database, a_posting(NOON, 7))
    world.clock.advance(2 * DAY)
    await close_ledger_days(uow=world.uow(), clock=world.clock)
    name = getattr(table, "name", "")
    changes = (
        delete(table),  # type: ignore[arg-type]
        update(table).values({list(table.c)[-1].name: list(table.c)[-1]}),  # type: ignore[arg-type,attr-defined]
    )

    for change in changes:
        with pytest.raises(IntegrityError, match="append-only"):
            async with database.begin() as connection:
                await connection.execute(change)
    if database.dialect == "postgresql":
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as connection:
                await connection.execute(text(f"TRUNCATE {name}"))


async def test_balances_hold_while_many_post_and_days_are_closed(postgresql: Database) -> None:
    """Writers of two days, a closer and readers at once; each reader's look is whole."""
    world = SqlWorld(postgresql)
    today = NOON + 2 * DAY
    await post(postgresql, *(a_posting(NOON, 10) for _ in range(20)))
    world.clock.advance(2 * DAY)
    done = asyncio.Event()
    looks: list[int] = []

    async def write(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(30):
            at = today if draw.random() < 0.5 else NOON + DAY
            # What is refused is not posted: yesterday may be closed already.
            with suppress(IntegrityError):
                await post(postgresql, a_posting(at, draw.randint(1, 1000)))

    async def close() -> None:
        while not done.is_set():
            await close_ledger_days(uow=world.uow(), clock=world.clock)
            await asyncio.sleep(0.01)

    async def look() -> None:
        while not done.is_set():
            sums = await fast_sums(postgresql)
            looks.append(sums["provider:sandbox:clearing VND"][0])
            assert sum(debited - credited for debited, credited in sums.values()) == 0

    others = [asyncio.create_task(one) for one in (close(), close(), look())]
    await asyncio.gather(*(write(seed) for seed in range(4)))
    done.set()
    await asyncio.gather(*others)

    assert looks == sorted(looks)
    assert await fast_sums(postgresql) == await full_sums(postgresql)


async def test_who_closes_a_day_waits_for_who_is_still_posting_into_it(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    await post(postgresql, a_posting(NOON, 10))
    world.clock.advance(2 * DAY)

    async with postgresql.begin() as connection:
        await SqlLedger(connection).post(a_posting(NOON, 5))
        closing = asyncio.create_task(close_ledger_days(uow=world.uow(), clock=world.clock))
        await asyncio.sleep(0.2)
        assert not closing.done()
        # Today's postings do not wait with it.
        await asyncio.wait_for(post(postgresql, a_posting(NOON + 2 * DAY, 1)), 2)
    assert await closing == [booking_day(NOON)]

    sums = await fast_sums(postgresql)
    assert sums == await full_sums(postgresql)
    assert sums["provider:sandbox:clearing VND"] == (16, 0)


async def test_an_earlier_day_that_appears_while_a_later_one_is_closed_is_not_lost(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    await post(postgresql, a_posting(NOON + DAY, 10))
    world.clock.advance(3 * DAY)

    async with postgresql.begin() as connection:
        await SqlLedger(connection).post(a_posting(NOON, 5))
        closing = asyncio.create_task(close_ledger_days(uow=world.uow(), clock=world.clock))
        await asyncio.sleep(0.2)
    assert await closing == [booking_day(NOON), booking_day(NOON) + DAY]

    assert await fast_sums(postgresql) == await full_sums(postgresql)


async def test_a_balance_reads_no_entry_of_a_closed_day(postgresql: Database) -> None:
    world = SqlWorld(postgresql)
    await post(postgresql, *(a_posting(NOON, 10) for _ in range(30)))
    world.clock.advance(2 * DAY)
    await close_ledger_days(uow=world.uow(), clock=world.clock)
    async with postgresql.begin() as connection:
        await connection.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
        await connection.execute(text("DELETE FROM ledger_entry"))

    sums = await fast_sums(postgresql)

    assert sums["provider:sandbox:clearing VND"] == (300, 0)
