"""Two people, or a person and a worker, at the same moment: one of them wins."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from sqlalchemy import select

from chassis.db import Database
from chassis.errors import Refused
from chassis.money import Money
from services.payment.domain.refunds.refund import Refund, RefundStatus, Requester
from services.payment.domain.refunds.source import SourceKind
from services.payment.storage.discrepancies.tables import DISCREPANCY
from tests.payment.contracts import said_types
from tests.payment.refunds.world import APPROVER, OTHER_APPROVER, RefundWorld
from tests.payment.samples import FEE, notice_facts

ROUNDS = 15


async def outcomes(*steps: Awaitable[Any]) -> list[str]:
    """What each step came to: the state it made, or why it was refused."""
    ended = await asyncio.gather(*steps, return_exceptions=True)
    names = []
    for one in ended:
        if isinstance(one, Refused):
            names.append(one.code)
        elif isinstance(one, BaseException):
            raise one
        else:
            names.append(str(one.status) if isinstance(one, Refund) else str(one))
    return names


LOST = {"refund_changed", "illegal_transition"}


async def test_two_approvals_at_once_are_one(postgresql: Database) -> None:
    world = RefundWorld(postgresql)
    for _ in range(ROUNDS):
        intent = await world.paid()
        refund = await world.ask(intent.id, FEE.minor_units)

        names = await outcomes(
            *(world.approve(refund, by) for by in (APPROVER, OTHER_APPROVER) for _ in range(3))
        )

        assert names.count("approved") == 1
        assert set(names) - {"approved"} <= LOST
    assert (await world.balances())["refunds-payable:H19.25 VND"] == -ROUNDS * FEE.minor_units


async def test_of_withdrawing_and_approving_at_once_the_money_follows_the_winner(
    postgresql: Database,
) -> None:
    world = RefundWorld(postgresql)
    won: Counter[str] = Counter()
    for _ in range(ROUNDS):
        intent = await world.paid()
        refund = await world.ask(intent.id, FEE.minor_units)

        names = await outcomes(
            world.withdraw(refund), world.approve(refund), world.reject(refund), world.send()
        )

        status = (await world.find(refund)).status
        won[status] += 1
        taken = status in {RefundStatus.APPROVED, RefundStatus.SUCCEEDED}
        assert await world.left(intent.id) == (0 if taken else FEE.minor_units)
        assert len([name for name in names if name not in LOST]) >= 2
        assert sum((await world.balances()).values()) == 0
    assert sum(won.values()) == ROUNDS


async def test_of_withdrawing_and_sending_at_once_nothing_withdrawn_is_paid(
    postgresql: Database,
) -> None:
    world = RefundWorld(postgresql)
    for _ in range(ROUNDS):
        intent = await world.paid()
        refund = await world.approve(await world.ask(intent.id, FEE.minor_units))

        await outcomes(world.withdraw(refund), world.send(), world.send())

        status = (await world.find(refund)).status
        assert status in {RefundStatus.WITHDRAWN, RefundStatus.SUCCEEDED}
        assert (refund.reference in world.bank.booked) == (status is RefundStatus.SUCCEEDED)
    assert world.bank.calls == len(world.bank.booked)


async def test_the_same_request_at_once_is_one_refund_and_one_answer(postgresql: Database) -> None:
    world = RefundWorld(postgresql)
    for number in range(ROUNDS):
        intent = await world.paid()
        key = f"key-{number:05}"
        asker = Requester(kind="client", subject="portal-demo", idempotency_key=key)

        answers = await asyncio.gather(
            *(world.ask(intent.id, FEE.minor_units, requester=asker) for _ in range(20))
        )

        assert len({answer.id for answer in answers}) == 1
        assert await world.left(intent.id) == 0
    assert Counter(await said_types(postgresql))["refund.requested.v1"] == ROUNDS


async def test_two_who_saw_the_same_and_ask_at_once_are_one(postgresql: Database) -> None:
    """A double click under two keys: the second saw what is no longer so."""
    world = RefundWorld(postgresql)
    intent = await world.paid()
    lines = {"LLTP-01": Money(20_000)}

    names = await outcomes(*(world.ask(intent.id, 20_000, lines=lines) for _ in range(8)))

    assert Counter(names) == {"requested": 1, "refund_amount_available_differs": 7}


async def test_suspense_money_asked_for_at_once_goes_back_once(postgresql: Database) -> None:
    """It has no fee lines to be weighed by: the counter beside it is all that bounds it."""
    world = RefundWorld(postgresql)
    intent = await world.confirmed()
    await world.notify(notice_facts(intent.bill_reference, amount=70_000))
    async with postgresql.read() as connection:
        case = await connection.scalar(select(DISCREPANCY.c.id))
    assert case is not None

    names = await outcomes(
        *(world.ask(case, 40_000, 70_000, kind=SourceKind.DISCREPANCY) for _ in range(8))
    )

    assert Counter(names) == {"requested": 1, "refund_amount_available_differs": 7}
    assert await world.left(case, SourceKind.DISCREPANCY) == 30_000
