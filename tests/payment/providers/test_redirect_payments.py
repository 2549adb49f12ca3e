"""Fees paid at VNPAY, VNPT Pay and the national platform: adapter, player and a real database."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.intents.routing import Availability
from services.payment.domain.notices.provider_notification import Outcome, Verdict
from services.payment.use_cases.intents.start_attempt import (
    AttemptTools,
    WantedAttempt,
    start_attempt,
)
from services.payment.use_cases.notices.check_weak_notifications import check_weak_notifications
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from services.payment.use_cases.notices.record_notification import Arrival, record_notification
from tests.payment.fakes import FakeProvider
from tests.payment.providers.stage import Stage, staged
from tests.payment.samples import LINES, a_confirmation, new_id
from tests.payment.world import SqlWorld

METHODS = {
    "vnpay": Method.INTERNATIONAL_CARD,
    "vnptpay": Method.VNPT_PAY,
    "national": Method.INTERNET_BANKING,
}
CODE = {"vnpay": "RspCode", "vnptpay": "RESPONSE_CODE", "national": "MaLoi"}


@dataclass
class Office:
    """The payment service with one provider beside the sandbox bank."""

    stage: Stage
    world: SqlWorld

    @property
    def name(self) -> str:
        return self.stage.provider.name

    async def opened(self) -> tuple[PaymentIntent, PaymentAttempt]:
        """Confirmed, begun, and its page opened by the payer."""
        world, method = self.world, METHODS[self.name]
        intent = await world.opened()
        await world.confirm(intent.id, a_confirmation(method=method))
        tools = AttemptTools(
            providers=world.providers,
            routes={method: (self.name,)},
            availability=Availability(),
            clock=world.clock,
            ids=world.ids,
        )
        wanted = WantedAttempt(method=method, return_url="https://dvc.example.vn/tra-ve")
        attempt = await start_attempt(intent.id, wanted, uow=world.uow(), tools=tools)
        page = await self.stage.client.get(attempt.pay_url or "", follow_redirects=True)
        assert page.status_code == 200
        return intent, attempt

    async def take(self, raw: bytes) -> Verdict:
        arrival = Arrival(
            provider=self.name,
            raw=raw,
            client_id=self.name,
            evidence_id=str(new_id()),
            evidence_level="P3",
        )
        world = self.world
        return await record_notification(
            arrival, providers=world.providers, uow=world.uow(), clock=world.clock, ids=world.ids
        )

    async def tell(self, attempt: PaymentAttempt) -> str:
        """The notice, now; the code that the provider hears."""
        told = (await self.stage.act(attempt, "notify"))[0]
        code: str = json.loads(told["answer"])[CODE[self.name]]
        return code

    async def check(self) -> Mapping[Outcome, int]:
        world = self.world
        return await check_weak_notifications(
            providers=world.providers, uow=world.uow(), clock=world.clock, ids=world.ids
        )

    async def enquire(self) -> Mapping[Outcome, int]:
        world = self.world
        return await enquire_waiting_payments(
            providers=world.providers, uow=world.uow(), clock=world.clock, ids=world.ids
        )


@pytest.fixture(params=sorted(METHODS))
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, postgresql: Database
) -> AsyncIterator[Office]:
    async with staged(request.param, tmp_path) as stage:
        world = SqlWorld(postgresql)
        world.clock = stage.clock
        world.providers = {request.param: stage.provider, "sandbox": FakeProvider()}
        made = Office(stage, world)
        stage.platform.take = made.take
        yield made


async def test_a_notice_is_heard_and_the_answer_settles(office: Office) -> None:
    intent, attempt = await office.opened()
    await office.stage.act(attempt, "pay", behaviour="silent")

    code = await office.tell(attempt)
    before = await office.world.status(intent.id)
    await office.check()
    again = await office.tell(attempt)
    await office.check()

    assert (code, before) == ("00", Status.CONFIRMED)
    paid = await office.world.get(intent.id)
    assert paid.status is Status.SUCCEEDED
    assert paid.payment is not None
    assert (paid.payment.provider, paid.payment.evidence_level) == (office.name, "P3")
    # Told again it gets the answer that it got.
    assert again == "00"
    assert await office.world.counts() == (1, 0)


async def test_another_amount_is_a_case_and_never_a_settlement(office: Office) -> None:
    intent, attempt = await office.opened()
    await office.stage.act(attempt, "pay", behaviour="silent", amount=149_000)

    code = await office.tell(attempt)
    await office.check()

    assert code == "04"
    assert await office.world.status(intent.id) is Status.CONFIRMED
    assert await office.world.counts() == (1, 1)


async def test_a_provider_that_stays_silent_is_asked(office: Office) -> None:
    intent, attempt = await office.opened()
    await office.stage.act(attempt, "pay", behaviour="silent")

    office.stage.clock.advance(timedelta(minutes=3))
    heard = await office.enquire()

    assert heard[Outcome.SUCCEEDED] == 1
    assert await office.world.status(intent.id) is Status.SUCCEEDED


async def test_an_order_of_nobody_is_not_ours(office: Office) -> None:
    """The provider knows an order that we do not: another system with our merchant's secret."""
    order = office.stage.order(METHODS[office.name])
    checkout = await office.stage.provider.start_checkout(order)
    await office.stage.client.get(checkout.pay_url or "", follow_redirects=True)
    await office.stage.act(order, "pay", behaviour="silent")

    told = (await office.stage.act(order, "notify"))[0]
    await office.check()

    assert json.loads(told["answer"])[CODE[office.name]] == "01"
    # Its money is no less real, and waits on somebody's desk.
    assert await office.world.counts() == (1, 1)


async def test_a_declined_payment_moves_nothing(office: Office) -> None:
    intent, attempt = await office.opened()
    await office.stage.act(attempt, "decline", behaviour="silent")

    code = await office.tell(attempt)
    await office.check()

    assert code == "00"
    assert await office.world.status(intent.id) is Status.CONFIRMED
    assert await office.world.counts() == (0, 0)


async def test_money_after_another_has_paid_is_a_second_payment(office: Office) -> None:
    intent, first = await office.opened()
    await office.stage.act(first, "pay", behaviour="silent")
    await office.tell(first)
    await office.check()

    # The payer pays again on a page that stayed open in another window.
    await office.stage.act(first, "pay", behaviour="silent")
    book = office.stage.players.desks[office.name].book
    order = book.get(office.name, first.order_reference or "")
    book.put(replace(order, provider_reference="777777"))
    code = await office.tell(first)
    await office.check()

    assert code == ("02" if office.name == "vnpay" else "00")
    assert await office.world.status(intent.id) is Status.SUCCEEDED
    assert await office.world.counts() == (2, 1)


async def test_the_provider_reads_what_is_paid_for(office: Office) -> None:
    intent, attempt = await office.opened()

    kept = office.stage.players.desks[office.name].book.get(
        office.name, attempt.order_reference or ""
    )

    assert Money(kept.amount) == intent.amount
    # The national platform adds up the lines before it takes an order.
    assert sum(line.amount.minor_units for line in LINES) == kept.amount
    named = intent.dossier_code if office.name == "national" else attempt.bill_reference
    assert named is not None
    assert named in kept.description
