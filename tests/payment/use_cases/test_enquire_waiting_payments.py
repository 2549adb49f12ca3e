from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.notices.provider_notification import Outcome, Source
from services.payment.ports.providers import EnquiryAnswer
from services.payment.providers.bank import BankPayment
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.notices.check_weak_notifications import check_weak_notifications
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider, FakeUnitOfWork
from tests.payment.samples import NOON, a_confirmation, an_intent, notice_bytes, notice_facts

UNKNOWN = EnquiryAnswer(outcome=Outcome.UNKNOWN)


class World:
    """One confirmed intent, its provider, and a clock to turn."""

    def __init__(self, intent: PaymentIntent, uow: FakeUnitOfWork) -> None:
        self.intent = intent
        self.uow = uow
        self.provider = FakeProvider(uow=uow)
        self.clock = FrozenClock(NOON)
        self.ids = FakeIds()

    @classmethod
    async def confirmed(cls) -> "World":
        intent = an_intent()
        world = cls(intent, FakeUnitOfWork(intent))
        world.intent = await confirm_payment(
            intent.id,
            a_confirmation(),
            provider="sandbox",
            uow=world.uow,
            clock=world.clock,
            ids=world.ids,
        )
        world.uow.recorded.events.clear()
        return world

    async def after(self, time: timedelta, answer: EnquiryAnswer | None = None) -> None:
        self.provider.said = answer or self.provider.said
        self.clock.advance(time)
        await enquire_waiting_payments(
            providers={"sandbox": self.provider}, uow=self.uow, clock=self.clock, ids=self.ids
        )

    async def checked(self, answer: EnquiryAnswer | None = None) -> None:
        self.provider.said = answer or self.provider.said
        await check_weak_notifications(
            providers={"sandbox": self.provider}, uow=self.uow, clock=self.clock, ids=self.ids
        )

    async def told_weakly(self, **changes: Any) -> None:
        weak = Arrival(
            provider="sandbox",
            raw=notice_bytes(notice_facts(self.intent.bill_reference, **changes)),
            client_id="bank-sandbox",
            evidence_id="evidence-3",
            evidence_level="P3",
        )
        await record_notification(
            weak,
            providers={"sandbox": self.provider},
            uow=self.uow,
            clock=self.clock,
            ids=self.ids,
        )

    def paid(self, **changes: Any) -> EnquiryAnswer:
        facts = notice_facts(self.intent.bill_reference, **changes)
        notice = BankPayment.model_validate(facts).to_notice()
        return EnquiryAnswer(
            outcome=notice.outcome,
            notices=(notice,),
            raw=b"the answer",
            proof={"signature": "x"},
            evidence_level="P1",
        )

    @property
    def status(self) -> Status:
        return self.uow.fake_intents.rows[self.intent.id].status

    @property
    def attempt_status(self) -> AttemptStatus:
        (attempt,) = self.uow.fake_attempts.rows.values()
        return attempt.status


async def test_nobody_is_asked_before_it_is_time() -> None:
    world = await World.confirmed()

    await world.after(timedelta(minutes=1))

    assert world.provider.asked == []


async def test_a_payment_whose_notice_was_lost_is_found_by_asking() -> None:
    world = await World.confirmed()

    await world.after(timedelta(minutes=2), world.paid())

    assert world.provider.asked == [world.intent.bill_reference]
    assert world.status is Status.SUCCEEDED
    assert world.uow.recorded.types == ["payment.succeeded.v1"]
    (kept,) = world.uow.fake_notifications.rows
    assert (kept.source, kept.raw, kept.proof) == (
        Source.ENQUIRY,
        b"the answer",
        {"signature": "x"},
    )
    await world.after(timedelta(days=9))
    assert len(world.provider.asked) == 1


async def test_no_money_before_the_deadline_means_asking_again() -> None:
    world = await World.confirmed()

    for minutes in (2, 5, 15):
        await world.after(timedelta(minutes=minutes))

    assert len(world.provider.asked) == 3
    assert (world.status, world.attempt_status) == (Status.CONFIRMED, AttemptStatus.PENDING)


async def test_an_overdue_intent_expires_when_its_provider_knows_of_no_money() -> None:
    world = await World.confirmed()

    await world.after(timedelta(hours=24))

    assert len(world.provider.asked) == 1
    assert (world.status, world.attempt_status) == (Status.EXPIRED, AttemptStatus.EXPIRED)
    assert world.uow.recorded.types == ["payment.expired.v1"]


async def test_not_knowing_is_not_failing_however_long_it_lasts() -> None:
    world = await World.confirmed()

    for _ in range(50):
        await world.after(timedelta(hours=1), UNKNOWN)

    assert (world.status, world.attempt_status) == (Status.CONFIRMED, AttemptStatus.UNKNOWN)
    assert world.uow.recorded.events == []
    await world.after(timedelta(hours=1), world.paid())
    assert (world.status, world.attempt_status) == (Status.SUCCEEDED, AttemptStatus.SUCCEEDED)


async def test_a_provider_that_answers_again_ends_the_not_knowing() -> None:
    world = await World.confirmed()
    await world.after(timedelta(hours=1), UNKNOWN)

    await world.after(timedelta(hours=1), EnquiryAnswer(outcome=Outcome.FAILED))

    assert world.attempt_status is AttemptStatus.PENDING


async def test_money_under_way_keeps_an_overdue_intent_alive() -> None:
    world = await World.confirmed()

    await world.after(timedelta(hours=25), world.paid(outcome="pending"))

    assert world.status is Status.CONFIRMED


async def test_wrong_money_is_recorded_before_the_intent_expires() -> None:
    world = await World.confirmed()

    await world.after(timedelta(hours=24), world.paid(amount=5))

    (found,) = world.uow.fake_discrepancies.rows
    assert found.reason is Reason.UNDERPAID
    assert world.status is Status.EXPIRED


async def test_an_enquiry_that_repeats_a_notice_changes_nothing() -> None:
    world = await World.confirmed()
    answer = world.paid(amount=5)

    await world.after(timedelta(hours=1), answer)
    await world.after(timedelta(hours=1), answer)

    assert len(world.provider.asked) == 2
    assert len(world.uow.fake_discrepancies.rows) == 1


async def test_a_provider_that_cannot_be_asked_leaves_us_not_knowing() -> None:
    world = await World.confirmed()
    world.provider.capabilities = frozenset()

    await world.after(timedelta(hours=25))

    assert world.provider.asked == []
    assert (world.status, world.attempt_status) == (Status.CONFIRMED, AttemptStatus.UNKNOWN)


async def test_a_weakly_proved_notice_makes_us_ask_at_once_and_the_answer_settles() -> None:
    world = await World.confirmed()
    await world.told_weakly(provider_reference="FT-1")
    assert world.uow.recorded.types == []

    await world.checked(world.paid(provider_reference="FT-1"))

    assert world.provider.asked == [world.intent.bill_reference]
    assert world.status is Status.SUCCEEDED
    assert world.uow.recorded.types == ["payment.succeeded.v1"]


async def test_a_weak_notice_that_can_no_longer_be_read_keeps_no_other_waiting() -> None:
    world = await World.confirmed()
    for number in range(2):
        await world.told_weakly(provider_reference=f"FT-{number}")
    unchecked = world.uow.fake_notifications.unchecked
    unreadable = next(iter(unchecked))
    unchecked[unreadable] = replace(unchecked[unreadable], raw=b"{}")

    await world.checked()

    assert len(world.provider.asked) == 1
    assert list(unchecked) == [unreadable]


async def test_a_weakly_proved_notice_that_the_provider_denies_moves_nothing() -> None:
    world = await World.confirmed()
    await world.told_weakly()

    await world.checked()

    assert len(world.provider.asked) == 1
    assert (world.status, world.uow.recorded.types) == (Status.CONFIRMED, [])
    assert world.uow.fake_notifications.unchecked == {}
