"""Any mix of payments, cases, decisions and refunds leaves books that hold together; and whoever
tampers with them behind the back of the database's guards is found out."""

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from chassis.db import Database
from chassis.errors import Refused
from services.payment.domain.discrepancies.worklist import Resolution
from services.payment.domain.ledger.findings import Finding
from services.payment.domain.refunds.source import SourceKind
from services.payment.storage.ledger.inspection import inspect_ledger
from services.payment.use_cases.ledger.close_ledger_days import close_ledger_days
from tests.payment.discrepancies.world import CaseWorld
from tests.payment.ledger.postings import fast_sums, full_sums
from tests.payment.samples import notice_facts


async def inspected(database: Database) -> Sequence[Finding]:
    async with database.read() as connection:
        return await inspect_ledger(connection)


async def wrong(database: Database) -> set[str]:
    return {one.question for one in await inspected(database) if not one.is_good}


async def pay_twice(world: CaseWorld, draw: random.Random) -> None:
    intent = await world.confirmed()
    for _ in range(2):
        await world.notify(notice_facts(intent.bill_reference))


async def apply(world: CaseWorld, draw: random.Random) -> None:
    intent, case = await world.late()
    await world.apply(case, draw.choice([intent, await world.confirmed(), await world.opened()]))


async def refund(world: CaseWorld, draw: random.Random) -> None:
    _, case = await world.late()
    amount = draw.choice([150_000, 70_000])
    asked = await world.ask(case.id, amount, kind=SourceKind.DISCREPANCY)
    if draw.random() < 0.8:
        await world.approve(asked)
    if draw.random() < 0.8:
        await world.send()


async def clear(world: CaseWorld, draw: random.Random) -> None:
    _, case = await world.late()
    await world.resolve(case, draw.choice([Resolution.WRITTEN_OFF, Resolution.NO_FAULT]))


async def stray(world: CaseWorld, draw: random.Random) -> None:
    await world.notify(notice_facts("LP0000000000", amount=draw.choice([1, 150_000])))


async def a_mix(world: CaseWorld, seed: int, steps: int = 12) -> None:
    """Whatever is refused is a legal end of a step; the books must not care."""
    draw = random.Random(seed)
    for _ in range(steps):
        with suppress(Refused):
            await draw.choice([pay_twice, apply, refund, clear, stray])(world, draw)
        if draw.random() < 0.2:
            world.clock.advance(timedelta(days=1))
            await close_ledger_days(uow=world.uow(), clock=world.clock)


@pytest.mark.parametrize("seed", range(4))
async def test_any_mix_leaves_books_that_hold_together(database: Database, seed: int) -> None:
    world = CaseWorld(database)
    await a_mix(world, seed)

    assert await wrong(database) == set()
    sums = await fast_sums(database)
    assert sums == await full_sums(database)
    assert sum(debited - credited for debited, credited in sums.values()) == 0
    assert all(one.looked_at for one in await inspected(database) if "entry" in one.question)


TAMPERED = {
    "each currency sums to zero": (
        "UPDATE ledger_entry SET amount_minor_units = amount_minor_units + 1"
        " WHERE account = 'provider:sandbox:clearing'"
    ),
    "each account is in the chart": (
        "UPDATE ledger_entry SET account = 'agency:H19.25:fees' WHERE account = 'agency:H19.25:phi'"
    ),
    "each paid intent has one settlement of its amount": (
        "UPDATE ledger_transaction SET payment_intent_id = NULL"
    ),
    "suspense is what cases hold": "UPDATE discrepancy SET applied_minor_units = 0",
    "each settlement is of a paid intent": (
        "UPDATE payment_intent SET status = 'expired', provider_reference = NULL"
    ),
    "each posting about a case is of a case there is": (
        "UPDATE ledger_transaction SET discrepancy_id = NULL"
    ),
    "the totals of closed days are the sums of their entries": (
        "UPDATE ledger_account_day SET debits_to_date = debits_to_date + 1"
    ),
    "each refund that is owed or paid was posted": (
        "UPDATE ledger_transaction SET cause = 'x:' || cause WHERE cause LIKE 'refund:%'"
    ),
}


@pytest.mark.parametrize("question", TAMPERED)
async def test_what_was_done_behind_the_guards_is_found(
    postgresql: Database, question: str
) -> None:
    world = CaseWorld(postgresql)
    paid = await world.confirmed()
    await world.notify(notice_facts(paid.bill_reference))
    intent, case = await world.late()
    await world.apply(case, intent)
    _, other = await world.late()
    await world.approve(await world.ask(other.id, 150_000, kind=SourceKind.DISCREPANCY))
    world.clock.advance(timedelta(days=1))
    await close_ledger_days(uow=world.uow(), clock=world.clock)
    assert await wrong(postgresql) == set()

    async with postgresql.begin() as connection:
        for line in (
            "ALTER TABLE ledger_entry DISABLE TRIGGER USER",
            "ALTER TABLE ledger_transaction DISABLE TRIGGER USER",
            "ALTER TABLE ledger_account_day DISABLE TRIGGER USER",
            "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_chart_check",
            TAMPERED[question],
        ):
            await connection.execute(text(line))

    assert {question, "the database guards the books"} <= await wrong(postgresql)


async def test_a_missing_guard_is_found(database: Database) -> None:
    on_table = " ON ledger_transaction" if database.dialect == "postgresql" else ""
    async with database.begin() as connection:
        await connection.execute(text(f"DROP TRIGGER ledger_transaction_balanced{on_table}"))

    assert await wrong(database) == {"the database guards the books"}
