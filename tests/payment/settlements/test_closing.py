"""A day is closed when both sides agree or a person answers; then its money is remitted once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chassis.auth import Caller
from chassis.duties import AnotherPersonNeeded, Reach
from chassis.errors import Conflict
from services.payment.domain.errors import DayNotClosable, IllegalTransition
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.remittance import Remittance
from services.payment.use_cases.settlements.acting import Acting
from services.payment.use_cases.settlements.draft_remittances import draft_remittances
from services.payment.use_cases.settlements.move_remittance import (
    approve_remittance,
    cancel_remittance,
    confirm_remittance,
    send_remittance,
)
from tests.payment.settlements.desk import DAY, Desk, row_of

BANK = "bank:000000:sandbox VND"
CLEARING = "provider:sandbox:clearing VND"
FEES = "provider:sandbox:fees VND"
SUSPENSE = "suspense:discrepancy VND"
PHI, LE_PHI = "agency:H19.25:phi VND", "agency:H19.25:le_phi VND"


def officer(name: str) -> Caller:
    return Caller(
        subject=name,
        kind="user",
        scopes=frozenset({"payment.settle"}),
        roles=frozenset({"accountant"}),
        agencies=frozenset({"H19.25"}),
    )


async def test_a_day_that_agrees_is_closed_and_its_money_moves(desk: Desk) -> None:
    references = [await desk.paid_and_booked() for _ in range(3)]
    await desk.load_rows([row_of(one, fee=1_650) for one in references])
    await desk.reconcile()

    day = await desk.close()

    assert (day.totals.payments, day.totals.payments_minor_units) == (3, 450_000)
    assert day.totals.fees_minor_units == 4_950
    assert await desk.balances() == {
        BANK: 445_050,
        FEES: 4_950,
        PHI: -300_000,
        LE_PHI: -150_000,
        CLEARING: 0,
    }
    assert await desk.said("settlement.reconciled.v1") == 1


async def test_closing_again_moves_nothing_and_says_nothing(desk: Desk) -> None:
    reference = await desk.paid_and_booked()
    await desk.load_rows([row_of(reference)])
    await desk.reconcile()
    first = await desk.close()
    before = await desk.balances()

    assert await desk.close(by="another") == first
    assert await desk.balances() == before
    assert await desk.said("settlement.reconciled.v1") == 1


async def test_a_day_with_an_open_difference_is_closed_once_a_person_answers(desk: Desk) -> None:
    references = [await desk.paid_and_booked() for _ in range(2)]
    await desk.load_rows([row_of(references[0]), row_of("EXTRA", amount=70_000)])
    await desk.reconcile()
    with pytest.raises(DayNotClosable):
        await desk.close()
    for one in await desk.differences():
        with pytest.raises(DayNotClosable):
            await desk.close()
        await desk.sign_off(one.id)

    day = await desk.close()

    assert day.differences_signed_off == 2
    balances = await desk.balances()
    # What nobody placed waits in suspense, what was not paid out in clearing.
    assert (balances[BANK], balances[SUSPENSE], balances[CLEARING]) == (220_000, -70_000, 150_000)
    assert sum(balances.values()) == 0


async def test_a_day_is_not_closed_early_unseen_or_with_payments_nobody_spoke_of(
    desk: Desk,
) -> None:
    reference = await desk.paid_and_booked()
    with pytest.raises(DayNotClosable, match="spoken"):
        await desk.close()
    await desk.load_rows([row_of(reference)])
    with pytest.raises(DayNotClosable, match="not reconciled"):
        await desk.close()
    await desk.reconcile()
    with pytest.raises(DayNotClosable, match="not over"):
        await desk.close(DAY + timedelta(days=3))

    assert (await desk.close()).on == DAY


async def test_money_that_is_placed_late_leaves_suspense_with_the_next_day(desk: Desk) -> None:
    await desk.load_rows([row_of("LATE", amount=150_000)])
    await desk.reconcile()
    await desk.sign_off((await desk.differences())[0].id)
    await desk.close()
    assert (await desk.balances())[SUSPENSE] == -150_000

    await desk.paid_and_booked("LATE")
    await desk.reconcile(DAY + timedelta(days=1))
    await desk.close(DAY + timedelta(days=1))

    balances = await desk.balances()
    assert (balances[SUSPENSE], balances[CLEARING], balances[BANK]) == (0, 0, 150_000)


async def test_a_correction_moves_the_ledger_by_what_it_corrects(desk: Desk) -> None:
    reference = await desk.paid_and_booked()
    await desk.load_rows([row_of(reference, amount=140_000)])
    await desk.reconcile()
    (case,) = await desk.differences()
    await desk.sign_off(case.id)
    await desk.close()
    assert (await desk.balances())[CLEARING] == 10_000

    await desk.load_rows([row_of(reference)])
    await desk.reconcile(DAY + timedelta(days=1))
    await desk.close(DAY + timedelta(days=1))

    balances = await desk.balances()
    assert (balances[CLEARING], balances[BANK]) == (0, 150_000)


async def test_fees_of_closed_days_are_remitted_once_and_by_two_persons(desk: Desk) -> None:
    world = desk.world
    desk.back_to_noon()
    reference = await desk.paid_and_booked()
    desk.later()
    assert await draft(desk) == []
    await desk.load_rows([row_of(reference)])
    await desk.reconcile()
    await desk.close()

    drafted = await draft(desk)
    assert {(one.kind, one.amount.minor_units) for one in drafted} == {
        ("phi", 100_000),
        ("le_phi", 50_000),
    }
    assert await draft(desk) == []
    order = next(one for one in drafted if one.kind == "phi")
    tools: dict[str, Any] = {"uow": world.uow(), "clock": world.clock, "ids": world.ids}
    with pytest.raises(AnotherPersonNeeded):
        await approve_remittance(order.id, officer=officer("mai"), **tools)
    await approve_remittance(order.id, officer=officer("lan"), **tools)
    with pytest.raises(IllegalTransition):
        await confirm_remittance(order.id, "KB1", officer=officer("mai"), **tools)
    await send_remittance(
        order.id, BankAccount("000000", "sandbox"), officer=officer("mai"), **tools
    )
    await confirm_remittance(order.id, "KB1", officer=officer("mai"), **tools)
    with pytest.raises(Conflict):
        await confirm_remittance(order.id, "KB1", officer=officer("mai"), **tools)

    balances = await desk.balances()
    assert balances[PHI] == balances["treasury:H19.25:phi VND"] == 0
    assert balances[BANK] == 50_000
    assert sum(balances.values()) == 0


async def test_a_cancelled_order_gives_its_amount_to_the_next_one(desk: Desk) -> None:
    world = desk.world
    desk.back_to_noon()
    reference = await desk.paid_and_booked()
    desk.later()
    await desk.load_rows([row_of(reference)])
    await desk.reconcile()
    await desk.close()
    first = await draft(desk)
    for one in first:
        await cancel_remittance(
            one.id,
            "nhầm kỳ",
            officer=officer("mai"),
            uow=world.uow(),
            clock=world.clock,
            ids=world.ids,
        )

    second = await draft(desk)

    assert [one.amount for one in second] == [one.amount for one in first]
    assert {one.number for one in second} == {2}


async def draft(desk: Desk) -> Sequence[Remittance]:
    world = desk.world
    return await draft_remittances(
        acting=Acting("mai", Reach(agencies=frozenset({"H19.25"}))),
        uow=world.uow(),
        clock=world.clock,
        ids=world.ids,
    )
