"""What deciding a case does to its money, its fee and the news; each once."""

import asyncio
from collections import Counter
from itertools import product

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.db import Database
from chassis.duties import AnotherPersonNeeded, DutyNeeded
from chassis.errors import Refused
from services.payment.domain.discrepancies.discrepancy import (
    ALLOWED,
    DiscrepancyStatus,
    Reason,
)
from services.payment.domain.discrepancies.errors import (
    IncompleteDecision,
    NoMoneyHeld,
    NotApplicable,
    ResolvesItself,
)
from services.payment.domain.discrepancies.worklist import EventKind, Resolution
from services.payment.domain.errors import IllegalTransition, UnknownPaymentIntent
from services.payment.domain.intents.payment_intent import Status
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.discrepancies import Use
from services.payment.storage.discrepancies.tables import DISCREPANCY, DISCREPANCY_EVENT
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.discrepancies.name_overdue_discrepancies import (
    name_overdue_discrepancies,
)
from services.payment.use_cases.discrepancies.reopen_discrepancy import reopen_discrepancy
from services.payment.use_cases.discrepancies.work_on_case import Workshop
from tests.payment.contracts import said, said_types
from tests.payment.discrepancies.world import (
    CASHIER,
    EVERY_SUM,
    OTHER_ACCOUNTANT,
    CaseWorld,
)
from tests.payment.readme import drawn_states
from tests.payment.samples import NOON, new_id, notice_facts

SUSPENSE, CLEARING = "suspense:discrepancy VND", "provider:sandbox:clearing VND"


@pytest.fixture
def world(database: Database) -> CaseWorld:
    return CaseWorld(database)


async def test_late_money_pays_the_expired_fee_it_was_meant_for(world: CaseWorld) -> None:
    intent, case = await world.late()

    resolved = await world.apply(case, intent, by=CASHIER)

    assert (resolved.status, resolved.resolution) == (DiscrepancyStatus.RESOLVED, "applied")
    paid = await world.get(intent.id)
    assert paid.status is Status.SUCCEEDED
    assert paid.payment is not None
    assert paid.payment.provider_reference == case.provider_reference
    assert await world.balances() == {
        CLEARING: 150_000,
        SUSPENSE: 0,
        "agency:H19.25:phi VND": -100_000,
        "agency:H19.25:le_phi VND": -50_000,
    }
    assert (await said_types(world.database))[-2:] == [
        "payment.succeeded.v1",
        "payment.discrepancy_resolved.v1",
    ]


async def test_money_that_named_no_fee_pays_the_one_a_person_found(world: CaseWorld) -> None:
    intent = await world.confirmed()
    case = await world.case(notice_facts("LP0000000000"))
    assert case.account_agency_code == "H19.25"

    await world.apply(case, intent)

    assert await world.status(intent.id) is Status.SUCCEEDED
    again = await world.notify(notice_facts(intent.bill_reference))
    assert again.discrepancy is Reason.SECOND_PAYMENT


async def test_money_is_applied_only_where_it_fits(world: CaseWorld) -> None:
    intent, case = await world.late()
    unconfirmed = await world.opened()
    paid = await world.paid()
    elsewhere = await world.confirmed(agency_code="H01")
    strange = await world.case(
        notice_facts((await world.confirmed()).bill_reference, account_number="999")
    )

    for target in (unconfirmed, paid):
        with pytest.raises(NotApplicable):
            await world.apply(case, target)
    with pytest.raises(UnknownPaymentIntent):
        await world.apply(case, elsewhere)
    with pytest.raises(NotApplicable):
        await world.apply(strange, intent)
    short = await world.case(notice_facts("LP0000000000", amount=149_999))
    with pytest.raises(NotApplicable):
        await world.apply(short, intent)
    assert await world.status(intent.id) is Status.EXPIRED


@pytest.mark.parametrize(
    ("resolution", "account"),
    [
        (Resolution.WRITTEN_OFF, "treasury:H19.25:unclaimed VND"),
        (Resolution.NO_FAULT, CLEARING),
    ],
)
async def test_money_leaves_suspense_for_where_it_belongs(
    world: CaseWorld, resolution: Resolution, account: str
) -> None:
    await world.opened()
    case = await world.case(notice_facts("LP0000000000", amount=7))

    resolved = await world.resolve(case, resolution)

    expected = {CLEARING: 7, SUSPENSE: 0} | (
        {account: -7} if resolution is Resolution.WRITTEN_OFF else {CLEARING: 0}
    )
    assert await world.balances() == expected
    assert resolved.held.minor_units == 0
    with pytest.raises(IllegalTransition):
        await world.resolve(case, resolution)


async def test_much_money_needs_a_second_person_who_decides_the_same(world: CaseWorld) -> None:
    intent, case = await world.late()

    asked = await world.apply(case, intent, alone_up_to=EVERY_SUM)
    assert (asked.status, asked.asked and asked.asked.by) == (DiscrepancyStatus.OPEN, "binh")
    with pytest.raises(AnotherPersonNeeded):
        await world.apply(case, intent, alone_up_to=EVERY_SUM)
    counter = await world.resolve(
        case, Resolution.WRITTEN_OFF, by=OTHER_ACCOUNTANT, alone_up_to=EVERY_SUM
    )
    assert counter.asked is not None
    assert counter.asked.decision.resolution is Resolution.WRITTEN_OFF
    assert await world.status(intent.id) is Status.EXPIRED

    await world.apply(case, intent, alone_up_to=EVERY_SUM)
    done = await world.apply(case, intent, by=OTHER_ACCOUNTANT, alone_up_to=EVERY_SUM)

    assert (done.status, done.resolved_by) == (DiscrepancyStatus.RESOLVED, "dung")
    async with SqlReading(world.database) as reading:
        history = await reading.discrepancies.list_events(case.id, limit=10)
    assert [one.kind for one in history][::-1] == [
        EventKind.FOUND,
        *[EventKind.ASKED] * 3,
        EventKind.RESOLVED,
    ]


async def test_a_decision_lacks_nothing_and_is_made_by_whose_desk_it_is_on(
    world: CaseWorld,
) -> None:
    _, late = await world.late()
    stray = await world.case(notice_facts("LP0000000000", account_number="9990001"))

    with pytest.raises(ResolvesItself):
        await world.resolve(late, Resolution.REFUNDED)
    with pytest.raises(IncompleteDecision):
        await world.resolve(late, Resolution.APPLIED)
    with pytest.raises(IncompleteDecision):
        await world.resolve(stray, Resolution.WRITTEN_OFF)
    with pytest.raises(DutyNeeded):
        await world.resolve(stray, Resolution.NO_FAULT, by=CASHIER)
    assert stray.account_agency_code is None


async def test_a_refund_that_succeeds_resolves_the_case_and_is_all_that_does(
    world: CaseWorld,
) -> None:
    intent, case = await world.late()
    refund = await world.ask(case.id, 150_000, kind=SourceKind.DISCREPANCY)

    with pytest.raises(Refused):
        await world.apply(case, intent)
    await world.approve(refund)
    await world.send()

    (resolved,) = await world.cases()
    assert (resolved.resolution, resolved.resolved_by) == (Resolution.REFUNDED, "system")
    assert sum((await world.balances()).values()) == 0
    assert (await world.balances())[SUSPENSE] == 0
    assert "payment.discrepancy_resolved.v1" in await said_types(world.database)


async def test_applied_money_cannot_be_refunded_and_a_rejected_refund_frees_it(
    world: CaseWorld,
) -> None:
    intent, case = await world.late()
    await world.reject(await world.ask(case.id, 150_000, kind=SourceKind.DISCREPANCY))

    await world.apply(case, intent)

    with pytest.raises(Refused):
        await world.ask(case.id, 150_000, kind=SourceKind.DISCREPANCY)


async def test_each_use_of_the_money_looks_at_the_other_in_its_own_statement(
    world: CaseWorld,
) -> None:
    """Also where whoever asks has not seen the case before."""
    _, refunded = await world.late()
    _, applied = await world.late()
    await world.ask(refunded.id, 70_000, kind=SourceKind.DISCREPANCY)

    async with world.uow() as uow:
        assert not await uow.discrepancies.use(refunded.id, Use.CLEARED, intent_id=None)
        assert await uow.discrepancies.use(applied.id, Use.APPLIED, intent_id=new_id())
        assert not await uow.discrepancies.use(applied.id, Use.CLEARED, intent_id=None)
    with pytest.raises(Refused):
        await world.ask(applied.id, 150_000, kind=SourceKind.DISCREPANCY)


async def test_a_contradicted_case_holds_no_money_to_decide_about(world: CaseWorld) -> None:
    intent = await world.paid()
    assert intent.payment is not None
    denied = notice_facts(
        intent.bill_reference,
        provider_reference=intent.payment.provider_reference,
        outcome="failed",
    )
    case = await world.case(denied)
    assert case.reason is Reason.CONTRADICTORY_NOTICE

    with pytest.raises(NoMoneyHeld):
        await world.resolve(case, Resolution.WRITTEN_OFF)
    with pytest.raises(Refused):
        await world.ask(case.id, 150_000, kind=SourceKind.DISCREPANCY)
    before = await world.balances()
    await world.resolve(case, Resolution.NO_FAULT, alone_up_to=EVERY_SUM)

    assert await world.balances() == before


async def test_facts_that_contradict_a_resolution_open_the_case_again(world: CaseWorld) -> None:
    _, case = await world.late()
    shop = Workshop(uow=world.uow(), clock=world.clock, ids=world.ids)
    async with shop.uow:
        assert not await reopen_discrepancy(case.id, why="x", shop=shop)
    await world.resolve(case, Resolution.NO_FAULT)

    async with shop.uow:
        assert await reopen_discrepancy(case.id, why="ngân hàng báo khác", shop=shop)

    (open_again,) = await world.cases()
    assert (open_again.status, open_again.resolution) == (DiscrepancyStatus.OPEN, None)
    assert open_again.held.minor_units == 0


async def test_a_case_nobody_resolves_in_time_is_said_once(world: CaseWorld) -> None:
    _, case = await world.late()
    world.clock.advance(case.due_at - NOON)
    assert await _named(world) == (0, 0)
    world.clock.advance(case.due_at - NOON)

    assert await _named(world) == (1, 1)
    assert await _named(world) == (0, 1)
    overdue = [one for one in await said(world.database) if "overdue" in one["type"]]
    assert [one["data"]["discrepancy_id"] for one in overdue] == [str(case.id)]
    assert [one.id for one in await world.cases(overdue_at=world.clock.now())] == [case.id]


async def _named(world: CaseWorld) -> tuple[int, int]:
    named, count = await name_overdue_discrepancies(
        uow=world.uow(), clock=world.clock, ids=world.ids
    )
    return len(named), count


@pytest.mark.parametrize("columns", list(product((0, 1), repeat=2)))
async def test_the_database_itself_lets_money_be_used_once(
    world: CaseWorld, columns: tuple[int, int]
) -> None:
    _, case = await world.late()
    first, second = ("refunded", "applied") if columns[0] else ("applied", "cleared")
    extra = 1 if columns[1] else 150_000
    both = {f"{first}_minor_units": 150_000, f"{second}_minor_units": extra}

    with pytest.raises(IntegrityError):
        async with world.database.begin() as connection:
            await connection.execute(
                update(DISCREPANCY).where(DISCREPANCY.c.id == case.id).values(both)
            )


async def test_the_history_is_append_only(world: CaseWorld) -> None:
    _, case = await world.late()

    for change in (delete(DISCREPANCY_EVENT), update(DISCREPANCY_EVENT).values(note="khác")):
        with pytest.raises(IntegrityError, match="append-only"):
            async with world.database.begin() as connection:
                await connection.execute(change)
    if world.database.dialect == "postgresql":
        with pytest.raises(DBAPIError, match="append-only"):
            async with world.database.begin() as connection:
                await connection.execute(text("TRUNCATE discrepancy_event"))
    row = {"id": new_id(), "discrepancy_id": case.id, "kind": "noted", "by_subject": "x"}
    async with world.database.begin() as connection:
        await connection.execute(insert(DISCREPANCY_EVENT), row | {"at": NOON, "facts": {}})


async def test_of_applying_refunding_and_a_new_notice_at_once_one_wins(
    postgresql: Database,
) -> None:
    """Money of one case, wanted by two who apply it and one who refunds it; and the fee, which a
    new exact notice pays as well when it is revived."""
    world = CaseWorld(postgresql)
    ends: Counter[str] = Counter()
    for _ in range(8):
        intent, case = await world.late()
        wishes = [
            world.apply(case, intent),
            world.apply(case, intent, by=OTHER_ACCOUNTANT),
            world.resolve(case, Resolution.WRITTEN_OFF),
            world.ask(case.id, 150_000, kind=SourceKind.DISCREPANCY),
            world.notify(notice_facts(intent.bill_reference)),
        ]
        *outcomes, notice = await asyncio.gather(*wishes, return_exceptions=True)

        broken = [one for one in outcomes if isinstance(one, BaseException)]
        assert [one for one in broken if not isinstance(one, Refused)] == []
        assert sum(not isinstance(one, BaseException) for one in outcomes) == 1
        assert not isinstance(notice, BaseException)
        (now,) = [one for one in await world.cases() if one.id == case.id]
        assert now.held.minor_units == 0
        is_paid = await world.status(intent.id) is Status.SUCCEEDED
        assert is_paid == (now.applied_minor_units == 150_000)
        ends[now.resolution or "refunding"] += 1
    assert sum(ends.values()) == 8
    assert sum((await world.balances()).values()) == 0


async def test_two_cases_for_one_fee_at_once_pay_it_once(postgresql: Database) -> None:
    world = CaseWorld(postgresql)
    for _ in range(5):
        intent = await world.confirmed()
        one, other = [await world.case(notice_facts("LP0000000000")) for _ in range(2)]

        outcomes = await asyncio.gather(
            world.apply(one, intent), world.apply(other, intent), return_exceptions=True
        )

        assert sum(isinstance(each, Refused) for each in outcomes) == 1
        assert await world.status(intent.id) is Status.SUCCEEDED
    assert (await world.balances())[SUSPENSE] == -5 * 150_000


def test_the_readme_draws_the_states_of_a_case() -> None:
    steps = {(str(a), str(b)) for a, ends in ALLOWED.items() for b in ends}

    assert steps in drawn_states()
