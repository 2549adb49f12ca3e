"""Many at the same time on PostgreSQL: what only real locks and constraints can show."""

import asyncio
from collections import Counter

from chassis.db import Database
from chassis.errors import Refused
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.intents.payment_intent import Status
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from tests.payment.contracts import said, said_types
from tests.payment.fakes import FakeProvider
from tests.payment.samples import NOON, a_confirmation, new_id, notice_facts
from tests.payment.world import SqlWorld


async def test_two_hundred_equal_notices_at_once_settle_once(postgresql: Database) -> None:
    world = SqlWorld(postgresql)
    intent = await world.confirmed()
    facts = notice_facts(intent.bill_reference)

    answers = await asyncio.gather(*(world.notify(facts) for _ in range(200)))

    assert len(set(answers)) == 1
    assert (answers[0].status, answers[0].payment_intent_id) == ("settled", intent.id)
    assert await world.counts() == (1, 0)
    assert Counter(await said_types(postgresql))["payment.succeeded.v1"] == 1
    assert sum((await world.balances()).values()) == 0


async def test_one_movement_of_money_under_many_notice_ids_settles_once(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    intent = await world.confirmed()
    facts = notice_facts(intent.bill_reference)

    answers = await asyncio.gather(
        *(world.notify(facts | {"notice_id": str(new_id())}) for _ in range(40))
    )

    assert len(set(answers)) == 1
    assert await world.counts() == (1, 0)


async def test_contrary_words_at_once_about_one_movement_are_one_case_each_time(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    for _ in range(15):
        intent = await world.confirmed()
        moved = notice_facts(intent.bill_reference)

        await asyncio.gather(world.notify(moved), world.notify(moved | {"outcome": "failed"}))

        assert await world.status(intent.id) is Status.SUCCEEDED
    # Whichever came second has seen the first.
    assert await world.counts() == (15, 15)
    assert sum((await world.balances()).values()) == 0


async def test_two_movements_of_money_at_once_are_one_settlement_and_one_second_payment(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    for _ in range(10):
        intent = await world.confirmed()
        one, other = notice_facts(intent.bill_reference), notice_facts(intent.bill_reference)

        answers = await asyncio.gather(
            *(world.notify(facts) for facts in (one, other) for _ in range(4))
        )

        by_reference = {answer.provider_reference: answer for answer in answers}
        assert len(set(answers)) == len(by_reference) == 2
        assert Counter(answer.discrepancy for answer in by_reference.values()) == {
            None: 1,
            Reason.SECOND_PAYMENT: 1,
        }
    assert await world.counts() == (20, 10)
    types = Counter(await said_types(postgresql))
    assert types["payment.succeeded.v1"] == types["payment.discrepancy_found.v1"] == 10
    balances = await world.balances()
    assert balances["provider:sandbox:clearing VND"] == 20 * 150_000
    assert balances["suspense:discrepancy VND"] == -10 * 150_000
    assert sum(balances.values()) == 0


async def test_one_confirmation_wins_and_its_repeats_get_its_answer(postgresql: Database) -> None:
    world = SqlWorld(postgresql)
    intent = await world.opened()
    confirmations = [a_confirmation() for _ in range(4)]

    answers = await asyncio.gather(
        *(world.confirm(intent.id, one) for one in confirmations for _ in range(5)),
        return_exceptions=True,
    )

    opened = [answer for answer in answers if not isinstance(answer, BaseException)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len({answer.qr_payload for answer in opened}) == 1
    assert (len(opened), len(refused)) == (5, 15)
    assert await said_types(postgresql) == ["payment.opened.v1"]


async def test_expiry_and_money_at_once_end_in_one_of_two_consistent_ways(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    intents = [await world.confirmed() for _ in range(12)]
    world.clock.advance(intents[0].expires_at - NOON)

    async def expire() -> None:
        await enquire_waiting_payments(
            providers={"sandbox": FakeProvider()}, uow=world.uow(), clock=world.clock, ids=world.ids
        )

    notices = [notice_facts(intent.bill_reference) for intent in intents]
    await asyncio.gather(*(world.notify(facts) for facts in notices), expire(), expire())

    for intent, facts in zip(intents, notices, strict=True):
        answer = await world.notify(facts)
        if await world.status(intent.id) is Status.SUCCEEDED:
            assert answer.status == "settled"
        else:
            assert answer.discrepancy is Reason.LATE_PAYMENT
    ends = Counter(event["subject"] for event in await said(postgresql))
    assert sum((await world.balances()).values()) == 0
    assert {ends[str(intent.id)] for intent in intents} == {2}


async def test_two_workers_never_ask_about_or_expire_the_same_payment(
    postgresql: Database,
) -> None:
    world = SqlWorld(postgresql)
    for _ in range(15):
        await world.confirmed()
    unconfirmed = [await world.opened() for _ in range(15)]
    world.clock.advance(unconfirmed[0].expires_at - NOON)
    provider = FakeProvider()

    await asyncio.gather(
        *(
            enquire_waiting_payments(
                providers={"sandbox": provider},
                uow=world.uow(),
                clock=world.clock,
                ids=world.ids,
            )
            for _ in range(3)
        ),
        *(expire_unconfirmed_payments(uow=world.uow(), clock=world.clock) for _ in range(3)),
    )

    assert len(provider.asked) == len(set(provider.asked)) == 15
    assert Counter(await said_types(postgresql))["payment.expired.v1"] == 30
