"""While the platform stands still for maintenance, so do the deadlines of fees."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from chassis.db import Database
from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_intent import Status
from services.payment.ports.providers import EnquiryAnswer
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.intents.hold_deadlines import hold_deadlines
from services.payment.use_cases.intents.release_deadlines import release_deadlines
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from tests.payment.fakes import NO_MONEY, FakeProvider
from tests.payment.samples import NOON, new_id
from tests.payment.world import SqlWorld

HOUR: Final = timedelta(hours=1)
LIFETIME: Final = 24 * HOUR
STARTED: Final = Pause(window_id=new_id(), started_at=NOON + 23 * HOUR)
ENDED: Final = Pause(
    window_id=STARTED.window_id, started_at=STARTED.started_at, ended_at=NOON + 25 * HOUR
)


async def expire(world: SqlWorld) -> int:
    return await expire_unconfirmed_payments(uow=world.uow(), clock=world.clock)


async def enquire(world: SqlWorld, answer: EnquiryAnswer = NO_MONEY) -> None:
    provider = FakeProvider(said=answer)
    await enquire_waiting_payments(
        providers={"sandbox": provider}, uow=world.uow(), clock=world.clock, ids=world.ids
    )


async def test_nothing_expires_while_a_stop_holds(database: Database) -> None:
    world = SqlWorld(database)
    unconfirmed, confirmed = await world.opened(), await world.confirmed()
    await hold_deadlines(STARTED, uow=world.uow())
    world.clock.advance(LIFETIME + HOUR)

    await expire(world)
    await enquire(world)

    assert await world.status(unconfirmed.id) is Status.CREATED
    assert await world.status(confirmed.id) is Status.CONFIRMED


async def test_after_the_stop_every_deadline_is_later_by_its_length(database: Database) -> None:
    world = SqlWorld(database)
    unconfirmed, confirmed = await world.opened(), await world.confirmed()
    await hold_deadlines(STARTED, uow=world.uow())

    put_off = await release_deadlines(ENDED, uow=world.uow())

    assert put_off == 2
    for intent in (unconfirmed, confirmed):
        assert (await world.get(intent.id)).expires_at == NOON + LIFETIME + 2 * HOUR
    async with database.read() as connection:
        deadline = await connection.scalar(select(PAYMENT_ATTEMPT.c.expires_at))
    assert deadline == NOON + LIFETIME + 2 * HOUR
    world.clock.advance(LIFETIME + HOUR)
    assert await expire(world) == 0
    world.clock.advance(HOUR)
    assert await expire(world) == 1
    await enquire(world)
    assert await world.status(confirmed.id) is Status.EXPIRED


async def test_the_end_of_a_stop_counts_once_and_also_when_its_start_was_never_heard(
    database: Database,
) -> None:
    world = SqlWorld(database)
    intent = await world.opened()

    first = await release_deadlines(ENDED, uow=world.uow())
    again = await release_deadlines(ENDED, uow=world.uow())
    await hold_deadlines(STARTED, uow=world.uow())

    assert (first, again) == (1, 0)
    world.clock.advance(LIFETIME + 2 * HOUR)
    assert await expire(world) == 1
    assert await world.status(intent.id) is Status.EXPIRED


async def test_what_has_ended_keeps_its_deadline(database: Database) -> None:
    world = SqlWorld(database)
    intent = await world.opened()
    world.clock.advance(LIFETIME)
    await expire(world)

    assert await release_deadlines(ENDED, uow=world.uow()) == 0
    assert (await world.get(intent.id)).expires_at == NOON + LIFETIME


async def test_what_was_overdue_before_the_stop_still_expires(database: Database) -> None:
    world = SqlWorld(database)
    late = Pause(window_id=new_id(), started_at=NOON + LIFETIME + HOUR)
    await world.opened()
    await hold_deadlines(late, uow=world.uow())
    world.clock.advance(LIFETIME + 2 * HOUR)

    assert await expire(world) == 1
