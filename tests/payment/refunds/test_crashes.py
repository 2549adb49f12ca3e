"""Whatever ends a process while it pays back: a question follows, never a second order (I-7)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from chassis.auth import Caller
from chassis.db import Database
from chassis.sealing import Sealer
from services.payment.domain.errors import IllegalTransition
from services.payment.domain.refunds.errors import (
    AmountAvailableDiffers,
    NotPaidYet,
    RefundTooLarge,
)
from services.payment.domain.refunds.refund import ALARM_AFTER, Refund, RefundStatus
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.providers import (
    Capability,
    RefundAccount,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.storage.discrepancies.tables import DISCREPANCY
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION
from services.payment.use_cases.refunds.enquire_refunds import name_overdue_refunds
from services.payment.use_cases.refunds.report_outcome import Outcome, report_outcome
from services.payment.use_cases.refunds.sealed_account import seal_account
from services.payment.use_cases.refunds.send_approved_refunds import (
    SENDING_TIME_MAX,
    RefundTools,
    send_approved_refunds,
)
from tests.payment.contracts import said, said_types
from tests.payment.refunds.world import (
    ACCOUNTANT,
    ALL,
    OTHER_ACCOUNTANT,
    SEALER,
    BookingBank,
    RefundWorld,
    decider,
    officer,
)
from tests.payment.samples import FEE, notice_facts

SOON = timedelta(minutes=2)
PENDING = RefundAnswer(outcome=RefundOutcome.PENDING)
ACCOUNT = RefundAccount(bank_bin="970436", account_number="0123456789", account_name="TRAN THI LAN")


class Killed(BaseException):
    """The process ends here: nobody handles this."""


class DyingBank(BookingBank):
    dies_before: bool = False

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        if not self.dies_before:
            await super().refund(order)
        raise Killed


@pytest.fixture
async def world(database: Database) -> RefundWorld:
    return RefundWorld(database)


async def approved(world: RefundWorld) -> Refund:
    intent = await world.paid()
    return await world.approve(await world.ask(intent.id, FEE.minor_units))


async def killed_while_sending(world: RefundWorld, *, before: bool) -> Refund:
    refund = await approved(world)
    dying = DyingBank()
    dying.dies_before = before
    world.providers = {"sandbox": dying}
    with pytest.raises(Killed):
        await world.send()
    world.bank.booked = dying.booked
    world.providers = {"sandbox": world.bank}
    assert (await world.find(refund)).status is RefundStatus.SENDING
    return refund


async def test_killed_before_the_provider_heard_it_the_refund_is_asked_about_and_fails(
    world: RefundWorld,
) -> None:
    refund = await killed_while_sending(world, before=True)

    assert await world.send() == 0
    assert await world.enquire() == []
    world.clock.advance(SOON)
    assert await world.enquire() == [RefundStatus.FAILED]

    assert (world.bank.calls, world.bank.booked) == (0, {})
    assert await world.left(refund.source.id) == FEE.minor_units
    assert (await world.balances())["agency:H19.25:phi VND"] == -100_000
    assert sum((await world.balances()).values()) == 0


async def test_killed_after_the_provider_paid_the_refund_is_asked_about_and_succeeds(
    world: RefundWorld,
) -> None:
    refund = await killed_while_sending(world, before=False)

    world.clock.advance(SOON)
    assert await world.enquire() == [RefundStatus.SUCCEEDED]

    assert (world.bank.calls, world.bank.booked) == (0, {refund.reference: FEE.minor_units})
    assert await world.left(refund.source.id) == 0
    assert (await world.balances())["provider:sandbox:clearing VND"] == 0
    assert (await said_types(world.database))[-2:] == ["refund.requested.v1", "refund.succeeded.v1"]


async def test_a_lost_answer_is_unknown_and_asked_about_until_it_is_known(
    world: RefundWorld,
) -> None:
    world.bank.loses_answers = True
    refund = await approved(world)

    await world.send()

    assert (await world.find(refund)).status is RefundStatus.UNKNOWN
    assert await world.send() == 0
    world.clock.advance(SOON)
    assert await world.enquire() == [RefundStatus.SUCCEEDED]
    assert world.bank.calls == 1
    ended = await world.find(refund)
    assert ended.evidence is not None
    assert (ended.evidence.raw, ended.evidence.level) == (b'{"said":"yes"}', "P1")


async def test_what_a_provider_works_on_is_asked_about_ever_more_seldom(world: RefundWorld) -> None:
    world.bank.answers = [PENDING]
    refund = await approved(world)
    await world.send()
    sent = await world.find(refund)
    assert (sent.status, sent.next_enquiry_at) == (RefundStatus.PENDING, world.clock.now() + SOON)
    world.bank.capabilities = ALL - {Capability.ANSWERS_REFUND_ENQUIRIES}

    world.clock.advance(SOON)
    assert await world.enquire() == [RefundStatus.UNKNOWN]

    world.clock.advance(timedelta(days=30))
    assert await world.enquire() == []
    assert (await world.find(refund)).next_enquiry_at is None


async def test_who_wakes_up_late_leaves_the_refund_to_an_enquiry(world: RefundWorld) -> None:
    """Between noting that it sends and sending, a process may stand still for long."""

    class SlowSealer(Sealer):
        def unseal(self, text: str, *, purpose: str) -> dict[str, str]:
            world.clock.advance(SENDING_TIME_MAX + timedelta(seconds=1))
            return super().unseal(text, purpose=purpose)

    intent = await world.paid()
    sealed = seal_account(ACCOUNT, SEALER)
    await world.approve(await world.ask(intent.id, FEE.minor_units, account_sealed=sealed))

    tools = RefundTools(providers=world.providers, seals=SlowSealer({"2026": bytes(32)}, "2026"))
    await send_approved_refunds(tools=tools, uow=world.uow(), clock=world.clock, ids=world.ids)

    assert world.bank.calls == 0


async def test_a_refund_to_an_account_names_it_to_a_provider_that_can_pay_there(
    world: RefundWorld,
) -> None:
    heard: list[RefundOrder] = []

    class Listening(BookingBank):
        async def refund(self, order: RefundOrder) -> RefundAnswer:
            heard.append(order)
            return await super().refund(order)

    world.providers = {"sandbox": Listening()}
    intent = await world.paid()
    sealed = seal_account(ACCOUNT, SEALER)
    refund = await world.approve(await world.ask(intent.id, FEE.minor_units, account_sealed=sealed))
    assert "0123456789" not in sealed

    await world.send()

    assert [order.account for order in heard] == [ACCOUNT]
    assert heard[0].provider_reference == (intent.payment and intent.payment.provider_reference)
    assert (heard[0].refund_reference, heard[0].amount) == (refund.reference, FEE)


async def test_what_no_provider_can_tell_of_two_people_in_a_row_have_to_say(
    world: RefundWorld,
) -> None:
    world.bank.capabilities = ALL - {Capability.ANSWERS_REFUND_ENQUIRIES}
    world.bank.loses_answers = True
    refund = await approved(world)
    await world.send()

    async def report(caller: Caller, reference: str) -> Refund:
        return await report_outcome(
            refund.id,
            Outcome(succeeded=True, reference=reference, failure=None),
            decider(caller),
            uow=world.uow(),
            clock=world.clock,
            ids=world.ids,
        )

    for caller, reference in (
        (ACCOUNTANT, "FT1"),
        (ACCOUNTANT, "FT1"),
        (OTHER_ACCOUNTANT, "FT2"),
        (OTHER_ACCOUNTANT, "FT2"),
    ):
        assert (await report(caller, reference)).status is RefundStatus.UNKNOWN
        assert (await world.find(refund)).report is not None
    ended = await report(ACCOUNTANT, "FT2")

    assert (ended.status, ended.provider_reference) == (RefundStatus.SUCCEEDED, "FT2")
    assert sum((await world.balances()).values()) == 0


async def test_a_refund_unknown_for_a_day_is_named_once_and_counted_until_it_is_known(
    world: RefundWorld,
) -> None:
    world.bank.answers = [PENDING]
    refund = await approved(world)
    await world.send()

    async def named() -> tuple[list[Refund], int]:
        found, count = await name_overdue_refunds(uow=world.uow(), clock=world.clock)
        return list(found), count

    world.clock.advance(ALARM_AFTER - timedelta(seconds=1))
    assert await named() == ([], 0)
    world.clock.advance(timedelta(seconds=1))
    found, count = await named()
    assert ([one.id for one in found], count) == ([refund.id], 1)
    assert await named() == ([], 1)
    world.bank.booked[refund.reference] = FEE.minor_units
    await world.enquire()
    assert await named() == ([], 0)


async def test_suspense_money_goes_back_whole_and_its_news_name_no_fee_item(
    world: RefundWorld,
) -> None:
    await world.notify(notice_facts("LP0000000000", amount=70_000))
    async with world.database.read() as connection:
        found = await connection.scalar(select(DISCREPANCY.c.id))
    assert found is not None
    refund = await world.ask(found, 70_000, 70_000, kind=SourceKind.DISCREPANCY)
    await world.approve(refund, officer("lan", "refund-approver", "*"))

    await world.send()

    last = (await said(world.database))[-1]
    assert (last["type"], last["data"]["items"]) == ("refund.succeeded.v1", [])
    assert last["data"]["payment_intent_id"] is None
    balances = await world.balances()
    assert {balances[name] for name in balances} == {0}
    with pytest.raises(IllegalTransition):
        await world.withdraw(refund)


async def test_suspense_money_that_was_put_to_a_fee_is_not_there_to_go_back(
    world: RefundWorld,
) -> None:
    intent = await world.confirmed()
    await world.notify(notice_facts(intent.bill_reference, amount=70_000))
    async with world.database.begin() as connection:
        case = await connection.scalar(select(DISCREPANCY.c.id))
        await connection.execute(update(DISCREPANCY).values(applied_minor_units=50_000))
    assert case is not None

    for amount, seen in ((70_000, 70_000), (20_001, 20_000)):
        with pytest.raises((AmountAvailableDiffers, RefundTooLarge)):
            await world.ask(case, amount, seen, kind=SourceKind.DISCREPANCY)
    await world.ask(case, 20_000, 20_000, kind=SourceKind.DISCREPANCY)

    assert await world.left(case, SourceKind.DISCREPANCY) == 0


async def test_the_provider_is_told_by_which_order_the_money_came(world: RefundWorld) -> None:
    intent = await world.paid()

    async def known_as() -> str | None:
        async with world.uow() as uow:
            source = await uow.refunds.find_source(SourceKind.PAYMENT, intent.id)
        assert source is not None
        return source.order_reference

    async with world.database.begin() as connection:
        await connection.execute(update(PAYMENT_ATTEMPT).values(order_reference="TRY-1"))
    assert await known_as() == "TRY-1"
    async with world.database.begin() as connection:
        await connection.execute(update(PROVIDER_NOTIFICATION).values(order_reference="ORDER-1"))
    assert await known_as() == "ORDER-1"


async def test_a_case_that_is_paid_back_holds_its_money_whatever_its_provider_says_next(
    world: RefundWorld,
) -> None:
    intent = await world.confirmed()
    await world.notify(notice_facts(intent.bill_reference, amount=70_000))
    async with world.database.read() as connection:
        found = await connection.scalar(select(DISCREPANCY.c.id))
    assert found is not None
    refund = await world.ask(found, 70_000, 70_000, kind=SourceKind.DISCREPANCY)

    async with world.uow() as uow:
        assert await uow.discrepancies.supersede(found) is None
    await world.withdraw(refund)
    async with world.uow() as uow:
        assert await uow.discrepancies.supersede(found) is not None

    with pytest.raises(NotPaidYet):
        await world.ask(found, 70_000, 70_000, kind=SourceKind.DISCREPANCY)
