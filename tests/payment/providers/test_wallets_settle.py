"""From a try at a wallet's page to money in the books: the use cases, a database, real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from chassis.db import Database
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import Status
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
from tests.payment.providers.street import Heard, Street, open_street
from tests.payment.samples import FEE, a_confirmation, new_id
from tests.payment.world import SqlWorld

METHODS = {
    "momo": Method.MOMO,
    "zalopay": Method.ZALOPAY,
    "payos": Method.BANK_TRANSFER,
}
RETURN_URL = "https://dvc.example.vn/tra-ve"


class Counter(SqlWorld):
    """A fee to be paid at one provider, with what happens to it."""

    def __init__(self, database: Database, street: Street) -> None:
        super().__init__(database)
        self.street = street
        self.clock = street.clock
        self.name = street.provider.name
        self.method = METHODS[self.name]
        self.providers = {self.name: street.provider}
        self.tools = AttemptTools(
            providers=self.providers,
            routes={self.method: (self.name,)},
            availability=Availability(),
            clock=self.clock,
            ids=self.ids,
        )

    async def fee(self) -> UUID:
        intent = await self.opened()
        await self.confirm(intent.id, a_confirmation(method=self.method))
        return intent.id

    async def start(self, intent_id: UUID) -> PaymentAttempt:
        wanted = WantedAttempt(method=self.method, return_url=RETURN_URL)
        return await start_attempt(intent_id, wanted, uow=self.uow(), tools=self.tools)

    async def hear(self, heard: Heard) -> Verdict:
        arrival = Arrival(
            provider=self.name,
            raw=heard.raw,
            client_id=self.name,
            evidence_id=str(new_id()),
            evidence_level="P3",
        )
        return await record_notification(
            arrival, providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )

    async def check(self) -> dict[Outcome, int]:
        heard = await check_weak_notifications(
            providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )
        return {outcome: count for outcome, count in heard.items() if count}

    async def enquire(self) -> dict[Outcome, int]:
        heard = await enquire_waiting_payments(
            providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )
        return {outcome: count for outcome, count in heard.items() if count}

    async def attempt(self, attempt: PaymentAttempt) -> AttemptStatus:
        uow = self.uow()
        async with uow:
            known = await uow.attempts.list_of_intent(attempt.payment_intent_id, limit=50)
        return next(one.status for one in known if one.id == attempt.id)


@pytest.fixture(params=sorted(METHODS))
async def counter(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Counter]:
    async with open_street(request.param, tmp_path / "street") as street:
        yield Counter(database, street)


def order_of(attempt: PaymentAttempt) -> str:
    assert attempt.order_reference is not None
    return attempt.order_reference


async def test_a_notice_settles_when_its_provider_says_the_same(counter: Counter) -> None:
    fee = await counter.fee()
    attempt = await counter.start(fee)
    await counter.street.tell(order_of(attempt), "pay", behaviour="twice")
    await counter.street.notices(2)

    told = [await counter.hear(heard) for heard in counter.street.heard]
    before = await counter.status(fee)
    asked = await counter.check()

    assert [verdict.status for verdict in told] == ["kept", "kept"]
    assert (told[0].payment_intent_id, before) == (fee, Status.CONFIRMED)
    assert asked == {Outcome.SUCCEEDED: 1}
    assert await counter.status(fee) is Status.SUCCEEDED
    assert await counter.attempt(attempt) is AttemptStatus.SUCCEEDED
    assert await counter.counts() == (1, 0)
    assert sum((await counter.balances()).values()) == 0


async def test_what_was_settled_by_asking_is_not_settled_again_by_a_late_notice(
    counter: Counter,
) -> None:
    fee = await counter.fee()
    attempt = await counter.start(fee)
    await counter.street.tell(order_of(attempt), "pay", behaviour="silent")
    counter.clock.advance(attempt.expires_at - counter.clock.now())

    asked = await counter.enquire()
    settled = await counter.status(fee)
    await counter.street.tell(order_of(attempt), "notify")
    await counter.hear(counter.street.heard[0])
    await counter.check()

    assert asked[Outcome.SUCCEEDED] == 1
    assert settled is await counter.status(fee) is Status.SUCCEEDED
    assert await counter.counts() == (1, 0)


async def test_a_notice_of_money_that_its_provider_never_saw_moves_nothing(
    counter: Counter,
) -> None:
    """Whoever holds the secret can write a notice; the provider is asked, and knows better."""
    fee, other = await counter.fee(), await counter.fee()
    attempt, paid = await counter.start(fee), await counter.start(other)
    await counter.street.tell(order_of(paid), "pay")
    await counter.street.notices(1)
    true = counter.street.heard[0]
    forged = Heard(
        method=true.method,
        query=true.query,
        headers=true.headers,
        body=true.body.replace(order_of(paid).encode(), order_of(attempt).encode()),
    )

    await counter.hear(forged)
    asked = await counter.check()

    assert asked == {Outcome.PENDING: 1}
    assert await counter.status(fee) is Status.CONFIRMED
    assert await counter.counts() == (0, 0)


async def test_a_wrong_amount_is_a_case_and_no_settlement(counter: Counter) -> None:
    fee = await counter.fee()
    attempt = await counter.start(fee)
    await counter.street.tell(order_of(attempt), "pay", behaviour="wrong_amount")
    await counter.street.notices(1)

    await counter.hear(counter.street.heard[0])
    await counter.check()

    assert await counter.status(fee) is Status.CONFIRMED
    assert await counter.counts() == (1, 1)
    assert sum((await counter.balances()).values()) == 0


async def test_after_a_payer_declined_the_next_try_may_begin(counter: Counter) -> None:
    fee = await counter.fee()
    attempt = await counter.start(fee)
    await counter.street.tell(order_of(attempt), "decline", behaviour="silent")
    assert attempt.next_enquiry_at is not None
    counter.clock.advance(attempt.next_enquiry_at - counter.clock.now())

    asked = await counter.enquire()
    ended = await counter.attempt(attempt)
    again = await counter.start(fee)

    assert asked[Outcome.FAILED] == 1
    assert ended is AttemptStatus.FAILED
    assert again.number == attempt.number + 1
    assert order_of(again) != order_of(attempt)
    assert await counter.counts() == (0, 0)


async def test_the_payer_is_sent_to_pay_exactly_this_fee(counter: Counter) -> None:
    attempt = await counter.start(await counter.fee())

    (order,) = (await counter.street.client.get(f"{counter.street.url}/sandbox/orders")).json()

    assert (order["amount"], order["order_reference"]) == (FEE.minor_units, order_of(attempt))
    assert attempt.status is AttemptStatus.PENDING
