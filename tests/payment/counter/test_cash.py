import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.duties import DutyNeeded
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.errors import (
    AlreadyPaid,
    DrawerNotFound,
    NotConfirmedAtCounter,
    NotPayableAtCounter,
    NotYourDrawer,
    TenderedTooLittle,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Status
from services.payment.domain.methods.errors import AboveMethodLimit, MethodNotOffered
from services.payment.domain.methods.published import Place
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION
from tests.payment.contracts import said
from tests.payment.counter.desk import ACCOUNTANT, COLLEAGUE, ELSEWHERE, OFFICER, Desk, a_request
from tests.payment.methods.samples import a_method, a_set
from tests.payment.samples import a_confirmation, new_id, notice_facts
from tests.payment.world import SqlWorld


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(SqlWorld(database))


async def test_cash_settles_the_fee_fills_the_drawer_and_says_the_change(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()

    payment = await desk.cash(intent, drawer, 200_000)

    assert (payment.amount, payment.change) == (Money(150_000), Money(50_000))
    assert await desk.world.status(intent.id) is Status.SUCCEEDED
    filled = await desk.drawer(drawer.id)
    assert (filled.taken, filled.payments, filled.expected) == (Money(150_000), 1, Money(650_000))
    balances = await desk.world.balances()
    assert balances["cash:H19.25:Q1 VND"] == filled.expected.minor_units
    assert "provider:counter:clearing VND" not in balances
    assert balances["agency:H19.25:phi VND"] == -100_000


async def test_the_officers_word_is_kept_as_evidence_and_told_like_any_payment(
    desk: Desk,
) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    payment = await desk.cash(intent, drawer, 200_000)

    async with desk.world.database.read() as connection:
        (row,) = (await connection.execute(select(PROVIDER_NOTIFICATION))).all()
    paid = [one for one in await said(desk.world.database) if one["type"] == "payment.succeeded.v1"]
    assert (row.provider, row.source, row.evidence_level) == ("counter", "counter", "OFFICER")
    assert intent.confirmation is not None
    assert row.evidence_id == intent.confirmation.evidence_id
    word = json.loads(row.raw)
    assert (word["officer"], word["drawer"], word["desk"]) == (OFFICER.subject, "Q1", "Quầy 1")
    assert (word["amount_minor_units"], word["tendered_minor_units"]) == (150_000, 200_000)
    (event,) = paid
    assert (event["data"]["method"], event["data"]["provider"]) == ("cash", "counter")
    assert event["data"]["provider_reference"] == payment.provider_reference
    assert event["data"]["evidence_level"] == "OFFICER"


async def test_too_little_is_refused_and_nothing_moves(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()

    with pytest.raises(TenderedTooLittle):
        await desk.cash(intent, drawer, 149_999)

    assert await desk.world.status(intent.id) is Status.CONFIRMED
    assert (await desk.drawer(drawer.id)).taken == Money(0)
    assert await desk.world.counts() == (1, 0)


async def test_a_paid_fee_is_refused_and_the_officer_told_by_whom_and_when(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    payment = await desk.cash(intent, drawer)

    with pytest.raises(AlreadyPaid) as refused:
        await desk.cash(intent, drawer)

    assert refused.value.members == {
        "paid_through": "counter",
        "provider_reference": payment.provider_reference,
        "paid_at": payment.paid_at.isoformat(),
        "taken_by": OFFICER.subject,
    }
    assert (await desk.drawer(drawer.id)).payments == 1


async def test_a_fee_paid_by_code_meanwhile_is_refused_at_the_counter(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    facts = notice_facts(intent.bill_reference)
    await desk.world.notify(facts)

    with pytest.raises(AlreadyPaid) as refused:
        await desk.cash(intent, drawer)

    assert refused.value.members["provider_reference"] == facts["provider_reference"]
    assert "taken_by" not in refused.value.members
    assert (await desk.drawer(drawer.id)).taken == Money(0)


async def test_a_repeat_is_answered_the_same_even_when_the_drawer_is_closed(desk: Desk) -> None:
    drawer, intent, request = await desk.open(), await desk.fee(), a_request()
    first = await desk.cash(intent, drawer, request=request)
    await desk.close(drawer.id, 650_000)

    assert await desk.cash(intent, drawer, request=request) == first
    with pytest.raises(KeyReused):
        await desk.cash(intent, drawer, request=replace(request, fingerprint="1" * 64))


@pytest.mark.parametrize("method", [one for one in Method if one is not Method.CASH])
async def test_cash_is_taken_only_for_a_fee_confirmed_for_cash(desk: Desk, method: Method) -> None:
    drawer, intent = await desk.open(), await desk.fee(method)

    with pytest.raises(NotConfirmedAtCounter):
        await desk.cash(intent, drawer)


async def test_and_only_by_an_officers_token(desk: Desk) -> None:
    drawer, unconfirmed = await desk.open(), await desk.world.opened()
    by_payer = await desk.world.opened()
    await desk.world.confirm(by_payer.id, a_confirmation(method=Method.CASH, assurance="passkey"))

    for intent in (unconfirmed, by_payer):
        with pytest.raises(NotConfirmedAtCounter):
            await desk.cash(intent, drawer)


async def test_only_the_counter_officer_of_the_fees_agency_takes_money_into_their_own_drawer(
    desk: Desk,
) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    with_agency = replace(OFFICER, agencies=frozenset({"H19.25", "H01"}))
    other_fee = await desk.fee(agency_code="H01")

    for caller in (ELSEWHERE, ACCOUNTANT):
        with pytest.raises(DutyNeeded):
            await desk.cash(intent, drawer, caller=caller)
    with pytest.raises(NotYourDrawer):
        await desk.cash(intent, drawer, caller=COLLEAGUE)
    # The drawer belongs to one agency, and so does its money.
    with pytest.raises(NotYourDrawer):
        await desk.cash(other_fee, drawer, caller=with_agency)
    with pytest.raises(DrawerNotFound):
        await desk.cash(intent, replace(drawer, id=new_id()))
    assert await desk.world.status(intent.id) is Status.CONFIRMED


async def test_a_cancelled_fee_takes_no_cash(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    async with desk.world.uow() as uow:
        assert await uow.intents.save_cancelled(intent.id)

    with pytest.raises(NotPayableAtCounter):
        await desk.cash(intent, drawer)


async def test_what_the_catalogue_publishes_holds_at_the_counter(desk: Desk) -> None:
    drawer, intent = await desk.open(), await desk.fee()
    counter = {"places": (Place.COUNTER,), "openings": ()}
    async with desk.world.uow() as uow:
        low = a_method("cash", limit=Money(100_000), **counter)
        await uow.methods.keep_newest(a_set(low))

    with pytest.raises(AboveMethodLimit):
        await desk.cash(intent, drawer)
    async with desk.world.uow() as uow:
        later = desk.world.clock.now() + timedelta(seconds=1)
        await uow.methods.keep_newest(a_set(a_method("cash"), published_at=later))
    with pytest.raises(MethodNotOffered):
        await desk.cash(intent, drawer)
