"""Money without a name that fits one open fee: it is proposed, and nothing is settled by it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.intents.payment_intent import Status
from services.payment.storage.discrepancies.tables import DISCREPANCY
from tests.payment.samples import LINES, a_confirmation, notice_facts
from tests.payment.world import SqlWorld

NAMELESS: dict[str, Any] = {"purpose": "nop tien"}


async def proposed(world: SqlWorld) -> UUID | None:
    async with world.database.read() as connection:
        found: UUID | None = await connection.scalar(
            select(DISCREPANCY.c.proposed_intent_id).order_by(DISCREPANCY.c.id.desc()).limit(1)
        )
    return found


async def test_the_one_open_fee_of_that_account_and_amount_is_proposed_and_not_settled(
    database: Database,
) -> None:
    world = SqlWorld(database)
    intent = await world.confirmed()

    verdict = await world.notify(notice_facts(None, **NAMELESS))

    assert (verdict.status, verdict.discrepancy) == ("kept", Reason.UNKNOWN_REFERENCE)
    assert verdict.payment_intent_id is None
    assert await proposed(world) == intent.id
    assert await world.status(intent.id) is Status.CONFIRMED
    assert await world.counts() == (1, 1)


async def test_between_two_that_fit_nobody_chooses(database: Database) -> None:
    world = SqlWorld(database)
    await world.confirmed()
    await world.confirmed()

    await world.notify(notice_facts(None, **NAMELESS))

    assert await proposed(world) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 149_000},
        {"account_number": "999"},
        {"bank_bin": "970415"},
        {"currency": "USD"},
        {"paid_at": "2026-11-23T11:59:00.000+07:00"},
        {"paid_at": "2026-11-24T12:00:00.000+07:00"},
    ],
)
async def test_what_does_not_fit_exactly_is_not_proposed(
    database: Database, changes: dict[str, Any]
) -> None:
    world = SqlWorld(database)
    await world.confirmed()

    await world.notify(notice_facts(None, **NAMELESS, **changes))

    assert await proposed(world) is None


async def test_a_fee_that_is_not_open_is_not_proposed(database: Database) -> None:
    world = SqlWorld(database)
    paid = await world.confirmed()
    await world.notify(notice_facts(paid.bill_reference))
    await world.opened()

    await world.notify(notice_facts(None, **NAMELESS))

    assert await proposed(world) is None


async def test_of_several_fees_the_one_of_that_amount_is_proposed(database: Database) -> None:
    world = SqlWorld(database)
    intent = await world.confirmed()
    less = Money(100_000)
    opened = await world.opened(amount=less, lines=LINES[:1])
    other = await world.confirm(opened.id, a_confirmation(amount=less))

    await world.notify(notice_facts(None, **NAMELESS))

    assert (other.status, other.amount) == (Status.CONFIRMED, less)
    assert await proposed(world) == intent.id
