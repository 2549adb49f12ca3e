import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.duties import DutyNeeded, Reach
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.errors import NotConfirmedAtCounter, SlipAlreadyUsed
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Status
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.counter.list_drawers import list_pos_batches, list_pos_slips
from tests.payment.counter.desk import ELSEWHERE, Desk, a_request, a_slip
from tests.payment.samples import notice_facts
from tests.payment.world import SqlWorld


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(SqlWorld(database))


async def test_a_slip_settles_the_fee_and_its_acquirer_owes_the_money(desk: Desk) -> None:
    intent, slip = await desk.fee(Method.POS), a_slip()

    payment = await desk.pos(intent, slip)

    paid = await desk.world.get(intent.id)
    assert payment.discrepancy is None
    assert paid.status is Status.SUCCEEDED
    assert paid.payment is not None
    assert (paid.payment.provider, paid.payment.provider_reference) == (
        "pos",
        f"TID00001-000123-{slip.reference}",
    )
    assert (await desk.world.balances())["provider:pos:clearing VND"] == 150_000
    async with desk.world.database.read() as connection:
        raw = (await connection.execute(select(PROVIDER_NOTIFICATION.c.raw))).scalar_one()
    word = json.loads(raw)
    assert (word["terminal_id"], word["approval_code"]) == ("TID00001", "A1B2C3")


@pytest.mark.parametrize(("amount", "reason"), [(1, "underpaid"), (150_001, "overpaid")])
async def test_a_wrong_amount_has_moved_already_and_is_kept_as_a_case(
    desk: Desk, amount: int, reason: str
) -> None:
    intent = await desk.fee(Method.POS)

    payment = await desk.pos(intent, amount=amount)

    assert payment.discrepancy == reason
    assert await desk.world.status(intent.id) is Status.CONFIRMED
    assert (await desk.world.balances())["suspense:discrepancy VND"] == -amount
    assert await desk.world.counts() == (1, 1)


async def test_a_card_charged_for_a_paid_fee_is_a_second_payment(desk: Desk) -> None:
    intent = await desk.fee(Method.POS)
    await desk.world.notify(notice_facts(intent.bill_reference))

    payment = await desk.pos(intent)

    assert payment.discrepancy == "second_payment"
    assert sum((await desk.world.balances()).values()) == 0


async def test_a_slip_is_entered_once_for_one_fee(desk: Desk) -> None:
    one, other, slip = await desk.fee(Method.POS), await desk.fee(Method.POS), a_slip()
    request = a_request()
    first = await desk.pos(one, slip, request=request)

    assert await desk.pos(one, slip, request=request) == first
    for intent in (one, other):
        with pytest.raises(SlipAlreadyUsed):
            await desk.pos(intent, slip)
    with pytest.raises(SlipAlreadyUsed):
        await desk.pos(other, replace(slip, approval_code="ZZZZZZ"))
    with pytest.raises(KeyReused):
        await desk.pos(one, slip, request=replace(request, fingerprint="1" * 64))
    assert await desk.world.status(other.id) is Status.CONFIRMED
    assert await desk.world.counts() == (1, 0)


async def test_a_repeat_of_a_kept_slip_says_again_why_it_was_kept(desk: Desk) -> None:
    intent, slip, request = await desk.fee(Method.POS), a_slip(), a_request()

    kept = await desk.pos(intent, slip, 1, request=request)

    assert await desk.pos(intent, slip, 1, request=request) == kept
    assert kept.discrepancy == "underpaid"


async def test_a_slip_counts_only_for_a_fee_confirmed_for_the_terminal(desk: Desk) -> None:
    intent, slip = await desk.fee(Method.CASH), a_slip()

    with pytest.raises(NotConfirmedAtCounter):
        await desk.pos(intent, slip)
    with pytest.raises(DutyNeeded):
        await desk.pos(intent, slip, caller=ELSEWHERE)
    # Refused, it left nothing behind: the right fee can still have it.
    await desk.pos(await desk.fee(Method.POS), slip)


async def test_each_terminals_batch_is_summed_up_for_its_acquirer(desk: Desk) -> None:
    for terminal, batch, amount in (
        ("TID00001", "000001", 150_000),
        ("TID00001", "000001", 1),
        ("TID00001", "000002", 150_000),
        ("TID00002", "000001", 150_000),
    ):
        slip = a_slip(terminal_id=terminal, batch_no=batch)
        await desk.pos(await desk.fee(Method.POS), slip, amount)

    async def listed(reach: Reach, after: tuple[str, str] | None = None) -> list[object]:
        found = await list_pos_batches(
            reach=reach, after=after, limit=10, reading=SqlReading(desk.world.database)
        )
        return [(one.terminal_id, one.batch_no, one.payments, one.total) for one in found]

    everything = [
        ("TID00001", "000001", 2, Money(150_001)),
        ("TID00001", "000002", 1, Money(150_000)),
        ("TID00002", "000001", 1, Money(150_000)),
    ]
    assert await listed(Reach.everything()) == everything
    assert await listed(Reach.everything(), ("TID00001", "000001")) == everything[1:]
    assert await listed(Reach(agencies=frozenset({"H01"}))) == []
    slips = await list_pos_slips(
        ("TID00001", "000001"),
        reach=Reach.everything(),
        before=None,
        limit=10,
        reading=SqlReading(desk.world.database),
    )
    assert [one.discrepancy for one in slips] == ["underpaid", None]
