"""What the database itself refuses, whatever the code above it believes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.db import Database
from chassis.money import Money
from services.payment.domain.ledger.day import booking_day
from services.payment.domain.ledger.transaction import Direction, LedgerEntry, LedgerTransaction
from services.payment.storage.ledger.ledger import SqlLedger
from services.payment.storage.ledger.tables import LEDGER_ENTRY, LEDGER_TRANSACTION
from tests.payment.samples import NOON, new_id
from tests.payment.world import SqlWorld


def entry(transaction_id: Any, line: int, direction: str, amount: int, **more: Any) -> Any:
    row = {
        "ledger_transaction_id": transaction_id,
        "line": line,
        "account": f"cash:H19.25:{line}",
        "agency_code": "H19.25",
        "booked_on": booking_day(NOON),
        "direction": direction,
        "amount_minor_units": amount,
        "currency": "VND",
    }
    return row | more


def balanced() -> LedgerTransaction:
    return LedgerTransaction(
        id=new_id(),
        cause=f"test:{new_id()}",
        posted_at=NOON,
        entries=(
            LedgerEntry("provider:sandbox:clearing", Direction.DEBIT, Money(150)),
            LedgerEntry("agency:H19.25:phi", Direction.CREDIT, Money(100)),
            LedgerEntry("agency:H19.25:le_phi", Direction.CREDIT, Money(50)),
        ),
    )


async def posted(database: Database) -> LedgerTransaction:
    transaction = balanced()
    async with database.begin() as connection:
        await SqlLedger(connection).post(transaction)
    return transaction


async def test_balances_over_all_accounts_sum_to_zero(database: Database) -> None:
    await posted(database)
    await posted(database)

    assert await SqlWorld(database).balances() == {
        "provider:sandbox:clearing VND": 300,
        "agency:H19.25:phi VND": -200,
        "agency:H19.25:le_phi VND": -100,
    }


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("debit", 100, "VND")],
        [("debit", 100, "VND"), ("credit", 99, "VND")],
        [("debit", 100, "VND"), ("debit", 100, "VND")],
        [("debit", 100, "VND"), ("credit", 100, "USD")],
        [("debit", 1, "VND"), ("credit", 1, "VND"), ("debit", 1, "USD"), ("credit", 1, "USD")],
    ],
)
async def test_a_transaction_out_of_balance_is_refused(
    database: Database, lines: list[tuple[str, int, str]]
) -> None:
    id = new_id()
    with pytest.raises(IntegrityError, match="not balanced"):
        async with database.begin() as connection:
            for line, (direction, amount, currency) in enumerate(lines):
                row = entry(id, line, direction, amount, currency=currency)
                await connection.execute(insert(LEDGER_ENTRY), row)
            await connection.execute(
                insert(LEDGER_TRANSACTION),
                {"id": id, "cause": "x", "posted_at": NOON, "booked_on": booking_day(NOON)},
            )


async def test_entries_without_a_transaction_do_not_commit(database: Database) -> None:
    id = new_id()
    rows = [entry(id, 1, "debit", 100), entry(id, 2, "credit", 100)]

    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(insert(LEDGER_ENTRY), rows)


async def test_a_posted_transaction_takes_no_more_entries(database: Database) -> None:
    transaction = await posted(database)
    rows = [entry(transaction.id, 8, "debit", 1), entry(transaction.id, 9, "credit", 1)]

    with pytest.raises(IntegrityError, match="sealed"):
        async with database.begin() as connection:
            await connection.execute(insert(LEDGER_ENTRY), rows)


@pytest.mark.parametrize("amount", [0, -1])
async def test_an_entry_that_is_not_positive_is_refused(database: Database, amount: int) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(insert(LEDGER_ENTRY), entry(new_id(), 1, "debit", amount))


async def test_one_cause_moves_money_once(database: Database) -> None:
    first = await posted(database)
    again = LedgerTransaction(id=new_id(), cause=first.cause, posted_at=NOON, entries=first.entries)

    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await SqlLedger(connection).post(again)


@pytest.mark.parametrize(
    "change",
    [
        update(LEDGER_ENTRY).values(amount_minor_units=1),
        update(LEDGER_TRANSACTION).values(cause="another"),
        delete(LEDGER_ENTRY),
        delete(LEDGER_TRANSACTION),
    ],
    ids=["update entry", "update transaction", "delete entry", "delete transaction"],
)
async def test_what_is_posted_stays_as_it_is(database: Database, change: Any) -> None:
    await posted(database)

    with pytest.raises(IntegrityError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(change)


async def test_replacing_a_transaction_on_sqlite_is_refused_too(database: Database) -> None:
    if database.dialect != "sqlite":
        return
    transaction = await posted(database)

    with pytest.raises(IntegrityError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(
                insert(LEDGER_TRANSACTION).prefix_with("OR REPLACE"),
                {
                    "id": transaction.id,
                    "cause": "another",
                    "posted_at": NOON,
                    "booked_on": booking_day(NOON),
                },
            )


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transaction"])
async def test_the_ledger_cannot_be_emptied(postgresql: Database, table: str) -> None:
    await posted(postgresql)

    with pytest.raises(DBAPIError, match="append-only"):
        async with postgresql.begin() as connection:
            await connection.execute(text(f"TRUNCATE {table} CASCADE"))


async def test_an_entry_cannot_slip_in_while_another_session_posts(postgresql: Database) -> None:
    transaction = balanced()

    async def intrude() -> None:
        async with postgresql.begin() as intruder:
            await intruder.execute(insert(LEDGER_ENTRY), entry(transaction.id, 9, "debit", 1))

    async with postgresql.begin() as connection:
        await SqlLedger(connection).post(transaction)
        intruding = asyncio.create_task(intrude())
        await asyncio.sleep(0.2)
    with pytest.raises(IntegrityError, match="sealed"):
        await intruding
