"""Many at the same time on PostgreSQL: what only real locks and constraints can show."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chassis.db import Database
from chassis.errors import Refused
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer, DrawerStatus
from services.payment.domain.counter.payments import CashPayment
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Status
from tests.payment.contracts import said_types
from tests.payment.counter.desk import OFFICER, Desk, a_request, a_slip
from tests.payment.samples import notice_facts
from tests.payment.world import SqlWorld


@pytest.fixture
def desk(postgresql: Database) -> Desk:
    return Desk(SqlWorld(postgresql))


def outcomes(answers: Sequence[object]) -> Counter[str]:
    """What each came to: a refusal's code, or ok. Anything else is a bug."""
    unexpected = [
        one for one in answers if isinstance(one, BaseException) and not isinstance(one, Refused)
    ]
    assert unexpected == []
    return Counter(one.code if isinstance(one, Refused) else "ok" for one in answers)


async def test_of_twenty_openings_at_once_an_officer_gets_one_drawer(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.open(drawer=f"Q{number}") for number in range(20)), return_exceptions=True
    )

    assert outcomes(answers) == {"ok": 1, "cash_drawer_already_open": 19}
    assert sum((await desk.world.balances()).values()) == 0


async def test_of_twenty_officers_at_once_one_gets_the_drawer(desk: Desk) -> None:
    officers = [replace(OFFICER, subject=f"officer-{number}") for number in range(20)]

    answers = await asyncio.gather(*(desk.open(one) for one in officers), return_exceptions=True)

    assert outcomes(answers) == {"ok": 1, "cash_drawer_already_open": 19}


async def test_one_request_sent_twenty_times_at_once_takes_the_money_once(desk: Desk) -> None:
    drawer, intent, request = await desk.open(), await desk.fee(), a_request()

    answers = await asyncio.gather(
        *(desk.cash(intent, drawer, 200_000, request=request) for _ in range(20))
    )

    assert len(set(answers)) == 1
    assert (await desk.drawer(drawer.id)).taken == Money(150_000)
    assert await desk.world.counts() == (2, 0)


async def test_two_officers_code_and_terminal_race_for_one_fee_and_one_wins(desk: Desk) -> None:
    colleague = replace(OFFICER, subject="officer-2")
    mine, theirs = await desk.open(), await desk.open(colleague, drawer="Q2")
    for _ in range(15):
        intent = await desk.fee()
        facts = notice_facts(intent.bill_reference)

        answers = await asyncio.gather(
            desk.cash(intent, mine),
            desk.cash(intent, theirs, caller=colleague),
            desk.world.notify(facts),
            return_exceptions=True,
        )

        cash = [one for one in answers if isinstance(one, CashPayment)]
        assert set(outcomes(answers)) <= {"ok", "already_paid"}
        paid = await desk.world.get(intent.id)
        assert paid.status is Status.SUCCEEDED
        assert paid.payment is not None
        # Cash changed hands once and won, or not at all; the code's money is never refused.
        by_cash = paid.payment.provider == "counter"
        assert len(cash) == (1 if by_cash else 0)
    await agree(desk, mine, theirs)
    assert Counter(await said_types(desk.world.database))["payment.succeeded.v1"] == 15


async def agree(desk: Desk, *drawers: CashDrawer) -> None:
    """The books hold for each drawer exactly what the drawer believes to hold."""
    balances = await desk.world.balances()
    assert sum(balances.values()) == 0
    for one in drawers:
        now = await desk.drawer(one.id)
        left = 0 if now.status is DrawerStatus.CLOSED else now.expected.minor_units
        assert balances.get(f"cash:{one.agency_code}:{one.drawer} VND", 0) == left


async def test_a_count_never_misses_money_that_comes_in_meanwhile(desk: Desk) -> None:
    for number in range(10):
        drawer = await desk.open(drawer=f"Q{number}", given=0)
        intents = [await desk.fee() for _ in range(4)]

        answers = await asyncio.gather(
            *(desk.cash(intent, drawer) for intent in intents),
            desk.close(drawer.id, 0),
            desk.close(drawer.id, 300_000),
            return_exceptions=True,
        )

        assert set(outcomes(answers)) <= {
            "ok",
            "cash_drawer_not_open",
            "cash_drawer_moved",
            "difference_needs_reason",
        }
        now = await desk.drawer(drawer.id)
        taken = [one for one in answers if isinstance(one, CashPayment)]
        assert now.taken == Money(150_000 * len(taken))
        # Whatever was counted without a reason is exactly what there is.
        if now.status is DrawerStatus.CLOSING:
            assert now.difference == Money(0)
        else:
            now = await desk.close(drawer.id, now.expected.minor_units)
        assert now.last_count is not None
        await desk.sign(drawer.id, now.last_count.counted.minor_units)
        await agree(desk, drawer)


async def test_two_accountants_at_once_take_the_cash_over_once(desk: Desk) -> None:
    drawer = await desk.open()
    await desk.close(drawer.id, 499_000, "thiếu")

    answers = await asyncio.gather(
        *(desk.sign(drawer.id, 499_000) for _ in range(10)), return_exceptions=True
    )

    assert set(outcomes(answers)) <= {"ok", "cash_drawer_moved"}
    balances = await desk.world.balances()
    assert balances["cash:H19.25:safe VND"] == -1_000
    assert balances["cash-difference:H19.25 VND"] == 1_000


async def test_one_slip_typed_for_many_fees_at_once_pays_one(desk: Desk) -> None:
    slip = a_slip()
    fees = [await desk.fee(Method.POS) for _ in range(10)]

    answers = await asyncio.gather(
        *(desk.pos(intent, slip) for intent in fees), return_exceptions=True
    )

    assert outcomes(answers) == {"ok": 1, "pos_slip_already_used": 9}
    assert (await desk.world.balances())["provider:pos:clearing VND"] == 150_000


async def test_a_day_at_the_counter_ends_with_books_and_drawers_that_agree(desk: Desk) -> None:
    officers = [replace(OFFICER, subject=f"officer-{number}") for number in range(3)]
    drawers = [
        await desk.open(one, drawer=f"Q{number}", given=100_000 * number)
        for number, one in enumerate(officers)
    ]
    fees = [await desk.fee(Method.CASH if number % 5 else Method.POS) for number in range(60)]

    async def serve(number: int) -> object:
        intent, officer = fees[number], officers[number % 3]
        if number % 5 == 0:
            return await desk.pos(intent, caller=officer)
        return await desk.cash(intent, drawers[number % 3], 200_000, caller=officer)

    answers = await asyncio.gather(*(serve(number) for number in range(60)))
    assert len(answers) == 60
    await agree(desk, *drawers)
    counted = 0
    for number, (officer, drawer) in enumerate(zip(officers, drawers, strict=True)):
        now = await desk.drawer(drawer.id)
        # One is short, one is right, one is over.
        found = now.expected.minor_units + (number - 1) * 1_000
        await desk.close(drawer.id, found, "kiểm quỹ cuối ngày", caller=officer)
        await desk.sign(drawer.id, found)
        counted += found

    await agree(desk, *drawers)
    balances = await desk.world.balances()
    assert balances["cash:H19.25:safe VND"] == counted - 300_000
    assert balances["cash-difference:H19.25 VND"] == 0
    assert balances["provider:pos:clearing VND"] == 12 * 150_000
    assert balances["agency:H19.25:phi VND"] == -60 * 100_000
    assert balances["agency:H19.25:le_phi VND"] == -60 * 50_000
