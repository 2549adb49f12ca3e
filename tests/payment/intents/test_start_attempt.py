"""Beginning to pay by a method: routed, falling back, and never two at a time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.money import Money
from services.payment.domain.errors import (
    AttemptInProgress,
    MethodNotConfirmed,
    MethodStartsNoAttempt,
    NobodyTakesMethod,
    NotPayable,
    TooManyAttempts,
)
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.intents.routing import Availability
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import Checkout, EnquiryAnswer
from services.payment.use_cases.intents.start_attempt import (
    ATTEMPTS_MAX,
    AttemptTools,
    WantedAttempt,
    start_attempt,
)
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from tests.payment.contracts import said_types
from tests.payment.fakes import FakeProvider
from tests.payment.samples import NOON, a_confirmation
from tests.payment.world import SqlWorld

CARD = Method.DOMESTIC_CARD
PAGE = Checkout(pay_url="https://pay.example/1")


class CardWorld(SqlWorld):
    """Two providers take cards; the first is asked first."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.first = FakeProvider(name="first", client_id="first", checkout=PAGE)
        self.second = FakeProvider(name="second", client_id="second", checkout=PAGE)
        self.providers = {"first": self.first, "second": self.second, "sandbox": FakeProvider()}
        self.availability = Availability()

    async def confirmed_for(self, *methods: Method) -> PaymentIntent:
        intent = await self.opened()
        for method in methods:
            await self.confirm(intent.id, a_confirmation(method=method))
        return await self.get(intent.id)

    async def start(self, intent: PaymentIntent, **wanted: Any) -> PaymentAttempt:
        facts = {"method": CARD, "return_url": "https://dvc.example/back", **wanted}
        tools = AttemptTools(
            providers=self.providers,
            routes={CARD: ("first", "second", "not registered")},
            availability=self.availability,
            clock=self.clock,
            ids=self.ids,
        )
        return await start_attempt(intent.id, WantedAttempt(**facts), uow=self.uow(), tools=tools)

    async def attempts(self, intent: PaymentIntent) -> list[PaymentAttempt]:
        async with self.uow() as uow:
            return list(await uow.attempts.list_of_intent(intent.id, limit=99))

    async def cancel_attempts(self, intent: PaymentIntent) -> None:
        async with self.uow() as uow:
            await uow.attempts.end_live(intent.id, AttemptStatus.CANCELLED, at=self.clock.now())

    async def say(self, provider: FakeProvider, *notices: ProviderNotice, outcome: Outcome) -> None:
        """What this provider answers when it is asked next."""
        provider.said = EnquiryAnswer(
            outcome=outcome, notices=notices, raw=b"its answer", evidence_level="P3"
        )
        await self.ask()

    async def ask(self) -> None:
        await enquire_waiting_payments(
            providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )


def word_of(attempt: PaymentAttempt, outcome: Outcome, **changes: Any) -> ProviderNotice:
    facts: dict[str, Any] = {
        "provider_reference": f"T-{attempt.order_reference}",
        "order_reference": attempt.order_reference,
        "amount": Money(150_000),
        "outcome": outcome,
        "paid_at": NOON,
    }
    return ProviderNotice(**facts | changes)


async def test_the_first_provider_takes_it_and_says_where_to_pay(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)

    started = await world.start(intent)

    assert (started.status, started.provider) == (AttemptStatus.PENDING, "first")
    assert started.pay_url == PAGE.pay_url
    assert started.expires_at == NOON + timedelta(minutes=15)
    (order,) = world.first.orders
    assert (order.order_reference, order.amount) == (started.order_reference, intent.amount)
    assert order.description.isascii()
    assert world.second.orders == []


async def test_asking_again_gets_the_attempt_that_lives(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)

    again = await world.start(intent)

    assert again == started
    assert len(world.first.orders) == 1
    with pytest.raises(AttemptInProgress):
        await world.start(intent, bank_code="VCB")


async def test_an_attempt_whose_page_was_never_heard_of_is_not_given_out(
    database: Database,
) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    world.first.dies = True
    with pytest.raises(asyncio.CancelledError):
        await world.start(intent)
    world.first.dies = False
    world.clock.advance(timedelta(minutes=5))
    await world.say(world.first, outcome=Outcome.PENDING)
    by_card = [one for one in await world.attempts(intent) if one.method is CARD]
    assert [one.status for one in by_card] == [AttemptStatus.PENDING]

    with pytest.raises(AttemptInProgress):
        await world.start(intent)


async def test_a_fee_is_begun_so_often_and_no_more(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    # The code on its slip was the first.
    for _ in range(ATTEMPTS_MAX - 1):
        await world.start(intent)
        await world.cancel_attempts(intent)

    with pytest.raises(TooManyAttempts):
        await world.start(intent)


async def test_one_that_cannot_gives_way_to_the_next_and_is_asked_last_for_a_while(
    database: Database,
) -> None:
    world = CardWorld(database)
    world.first.checkout = None
    one, other = await world.confirmed_for(CARD), await world.confirmed_for(CARD)

    started = await world.start(one)
    await world.start(other)

    assert started.provider == "second"
    by_provider = {attempt.provider: attempt for attempt in await world.attempts(one)}
    assert by_provider["first"].status is AttemptStatus.FAILED
    assert by_provider["first"].failure
    # The first was not asked about the other fee: it had just failed.
    assert (len(world.first.orders), len(world.second.orders)) == (1, 2)


async def test_when_nobody_takes_it_the_fee_can_be_tried_again(database: Database) -> None:
    world = CardWorld(database)
    world.first.checkout = world.second.checkout = None
    intent = await world.confirmed_for(CARD)

    with pytest.raises(NobodyTakesMethod):
        await world.start(intent)

    world.second.checkout = PAGE
    assert (await world.start(intent)).provider == "second"
    assert await world.status(intent.id) is Status.CONFIRMED


async def test_only_a_confirmed_way_of_a_payable_fee_is_begun(database: Database) -> None:
    world = CardWorld(database)
    by_code = await world.confirmed_for(Method.VIETQR)
    unconfirmed = await world.opened()

    with pytest.raises(MethodNotConfirmed):
        await world.start(by_code)
    with pytest.raises(NotPayable):
        await world.start(unconfirmed)
    with pytest.raises(MethodStartsNoAttempt):
        await world.start(by_code, method=Method.CASH)

    await world.confirm(by_code.id, a_confirmation(method=CARD))
    assert (await world.start(by_code)).status is AttemptStatus.PENDING


async def test_of_many_that_begin_at_once_one_order_is_made(postgresql: Database) -> None:
    world = CardWorld(postgresql)
    intent = await world.confirmed_for(CARD)

    ends = await asyncio.gather(*(world.start(intent) for _ in range(12)), return_exceptions=True)

    live = [one for one in await world.attempts(intent) if one.is_live and one.method is CARD]
    assert len(live) == len(world.first.orders) == 1
    assert all(isinstance(end, PaymentAttempt | AttemptInProgress) for end in ends)


async def test_the_order_names_the_fee_and_the_method_is_the_one_that_paid(
    database: Database,
) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(Method.VIETQR, CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(minutes=2))

    await world.say(world.first, word_of(started, Outcome.SUCCEEDED), outcome=Outcome.SUCCEEDED)

    paid = await world.get(intent.id)
    assert paid.payment is not None
    assert (paid.status, paid.payment.method) == (Status.SUCCEEDED, CARD)
    states = {one.method: one.status for one in await world.attempts(intent)}
    assert states == {CARD: AttemptStatus.SUCCEEDED, Method.VIETQR: AttemptStatus.CANCELLED}
    assert "payment.succeeded.v1" in await said_types(database)


async def test_a_refusal_ends_the_attempt_and_the_next_may_begin(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(minutes=2))

    declined = word_of(started, Outcome.FAILED, failure="51 not enough balance")
    await world.say(world.first, declined, outcome=Outcome.FAILED)
    again = await world.start(intent)

    assert again.number > started.number
    assert again.order_reference != started.order_reference
    failed = next(one for one in await world.attempts(intent) if one.id == started.id)
    assert (failed.status, failed.failure) == (AttemptStatus.FAILED, "51 not enough balance")
    assert await world.status(intent.id) is Status.CONFIRMED


async def test_a_page_that_runs_out_ends_its_attempt_and_not_the_fee(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(minutes=16))

    await world.say(world.first, outcome=Outcome.FAILED)

    states = {one.id: one.status for one in await world.attempts(intent)}
    assert states[started.id] is AttemptStatus.EXPIRED
    assert await world.status(intent.id) is Status.CONFIRMED


async def test_no_fee_expires_while_one_of_its_attempts_is_unknown(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(hours=25))
    await world.say(world.first, outcome=Outcome.UNKNOWN)

    assert await world.status(intent.id) is Status.CONFIRMED

    world.clock.advance(timedelta(hours=1))
    await world.say(world.first, word_of(started, Outcome.SUCCEEDED), outcome=Outcome.SUCCEEDED)
    assert await world.status(intent.id) is Status.SUCCEEDED


async def test_a_wrong_amount_by_card_is_a_case_and_never_settles(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(minutes=2))

    less = word_of(started, Outcome.SUCCEEDED, amount=Money(149_000))
    await world.say(world.first, less, outcome=Outcome.SUCCEEDED)

    assert await world.status(intent.id) is Status.CONFIRMED
    assert await world.counts() == (1, 1)


async def test_a_merchant_that_is_not_ours_is_a_wrong_payee(database: Database) -> None:
    world = CardWorld(database)
    intent = await world.confirmed_for(CARD)
    started = await world.start(intent)
    world.clock.advance(timedelta(minutes=2))

    others = word_of(started, Outcome.SUCCEEDED, is_for_us=False)
    await world.say(world.first, others, outcome=Outcome.SUCCEEDED)

    assert await world.status(intent.id) is Status.CONFIRMED
    assert await world.counts() == (1, 1)
