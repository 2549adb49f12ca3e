"""Asking for a fee no longer, and asking for one again that had expired."""

from datetime import timedelta

import pytest

from chassis.db import Database
from chassis.duties import Reach
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.errors import (
    IllegalTransition,
    RevivalTooShort,
    UnknownPaymentIntent,
)
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.use_cases.intents.cancel_payment import cancel_payment
from services.payment.use_cases.intents.expire_unconfirmed_payments import (
    expire_unconfirmed_payments,
)
from services.payment.use_cases.intents.revive_payment import Revival, revive_payment
from services.payment.use_cases.notices.enquire_waiting_payments import enquire_waiting_payments
from tests.payment.contracts import said_types
from tests.payment.samples import NOON, notice_facts
from tests.payment.world import SqlWorld

PORTAL = Reach.of_client("portal-demo")
LATER = Revival(
    expires_at=NOON + timedelta(days=9), lifetime=timedelta(hours=24), provider="sandbox"
)


class Desk(SqlWorld):
    async def cancel(self, intent: PaymentIntent, reach: Reach = PORTAL) -> PaymentIntent:
        return await cancel_payment(intent.id, reach=reach, uow=self.uow(), clock=self.clock)

    async def revive(
        self, intent: PaymentIntent, revival: Revival = LATER, reach: Reach = PORTAL
    ) -> PaymentIntent:
        return await revive_payment(
            intent.id, revival, reach=reach, uow=self.uow(), tools=(self.clock, self.ids)
        )

    async def let_expire(self) -> None:
        self.clock.advance(timedelta(hours=25))
        await expire_unconfirmed_payments(uow=self.uow(), clock=self.clock)
        await self.look()

    async def look(self) -> None:
        await enquire_waiting_payments(
            providers=self.providers, uow=self.uow(), clock=self.clock, ids=self.ids
        )


async def test_cancelling_twice_is_cancelling_once(database: Database) -> None:
    world = Desk(database)
    intent = await world.confirmed()

    first, again = await world.cancel(intent), await world.cancel(intent)

    assert first.status is again.status is Status.CANCELLED
    assert (await said_types(database)).count("payment.cancelled.v1") == 1


async def test_money_for_a_cancelled_fee_is_kept_and_proposed_to_be_paid_back(
    database: Database,
) -> None:
    world = Desk(database)
    intent = await world.confirmed()
    await world.cancel(intent)

    verdict = await world.notify(notice_facts(intent.bill_reference))

    assert verdict.discrepancy is Reason.PAYMENT_AFTER_CANCELLATION
    assert sum((await world.balances()).values()) == 0


async def test_what_is_paid_or_anothers_is_not_cancelled(database: Database) -> None:
    world = Desk(database)
    paid, waiting = await world.confirmed(), await world.confirmed()
    await world.notify(notice_facts(paid.bill_reference))

    with pytest.raises(IllegalTransition):
        await world.cancel(paid)
    with pytest.raises(UnknownPaymentIntent):
        await world.cancel(waiting, Reach.of_client("portal-other"))

    assert await world.status(waiting.id) is Status.CONFIRMED


async def test_an_expired_fee_is_paid_after_all_by_the_code_it_had(database: Database) -> None:
    world = Desk(database)
    intent = await world.confirmed()
    await world.let_expire()
    assert await world.status(intent.id) is Status.EXPIRED

    revived = await world.revive(intent)
    verdict = await world.notify(notice_facts(intent.bill_reference))

    assert revived.status is Status.CONFIRMED
    assert (revived.bill_reference, revived.qr_payload) == (
        intent.bill_reference,
        intent.qr_payload,
    )
    assert revived.expires_at == world.clock.now() + LATER.lifetime
    assert verdict.status == "settled"
    assert (await said_types(database))[-2:] == ["payment.revived.v1", "payment.succeeded.v1"]


async def test_a_revived_fee_is_asked_about_and_expires_again(database: Database) -> None:
    world = Desk(database)
    intent = await world.confirmed()
    await world.let_expire()
    await world.revive(intent)

    await world.let_expire()

    assert await world.status(intent.id) is Status.EXPIRED
    assert (await said_types(database)).count("payment.expired.v1") == 2


async def test_one_that_nobody_confirmed_waits_for_its_confirmation_again(
    database: Database,
) -> None:
    world = Desk(database)
    intent = await world.opened()
    await world.let_expire()

    revived = await world.revive(intent)
    confirmed = await world.confirm(intent.id)

    assert revived.status is Status.CREATED
    assert confirmed.status is Status.CONFIRMED


async def test_only_what_expired_is_revived_and_only_into_the_future(database: Database) -> None:
    world = Desk(database)
    waiting, cancelled, expired = [await world.confirmed() for _ in range(3)]
    await world.cancel(cancelled)
    past = Revival(expires_at=NOON, lifetime=timedelta(hours=1), provider="sandbox")

    for intent in (waiting, cancelled):
        with pytest.raises(IllegalTransition):
            await world.revive(intent)
    await world.let_expire()
    with pytest.raises(RevivalTooShort):
        await world.revive(expired, past)
    with pytest.raises(UnknownPaymentIntent):
        await world.revive(expired, reach=Reach.of_client("portal-other"))
