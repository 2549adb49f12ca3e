"""A try to pay begins only by what the catalogue offers for this fee, now and online."""

from typing import Any

import pytest

from chassis.errors import Refused
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.routing import Availability
from services.payment.domain.methods.published import Place
from services.payment.ports.providers import Checkout
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.intents.start_attempt import (
    AttemptTools,
    WantedAttempt,
    start_attempt,
)
from tests.payment.fakes import FakeProvider, FakeUnitOfWork
from tests.payment.methods.samples import a_method, a_set
from tests.payment.samples import NOON, a_confirmation, an_intent

CLOCK = FrozenClock(NOON)


async def started(**published: Any) -> str:
    """What became of paying 150,000 by MoMo when that is published so."""
    intent = an_intent()
    uow, ids = FakeUnitOfWork(intent), FakeIds()
    provider = FakeProvider(name="momo", checkout=Checkout(pay_url="https://momo.example/pay"))
    await confirm_payment(
        intent.id,
        a_confirmation(method=Method.MOMO),
        provider="sandbox",
        uow=uow,
        clock=CLOCK,
        ids=ids,
    )
    if published:
        await uow.methods.keep_newest(a_set(a_method(**published)))
    tools = AttemptTools(
        providers={"momo": provider},
        routes={Method.MOMO: ("momo",)},
        availability=Availability(),
        clock=CLOCK,
        ids=ids,
    )
    wanted = WantedAttempt(method=Method.MOMO, return_url="https://dvc.example.vn/tra-ve")
    try:
        await start_attempt(intent.id, wanted, uow=uow, tools=tools)
    except Refused as refused:
        # Nobody was sent anywhere, and nothing is left that could be paid.
        assert provider.orders == []
        assert len(uow.fake_attempts.rows) == 1
        return refused.code
    return "started"


@pytest.mark.parametrize(
    ("published", "outcome"),
    [
        ({}, "started"),
        ({"code": "momo"}, "started"),
        ({"limit": Money(149_999)}, "above_method_limit"),
        ({"limit": Money(150_000)}, "started"),
        ({"minimum": Money(150_001)}, "below_method_minimum"),
        ({"code": "zalopay"}, "method_not_offered"),
        ({"places": (Place.COUNTER,)}, "method_not_offered"),
    ],
)
async def test_a_try_begins_within_what_is_published(
    published: dict[str, Any], outcome: str
) -> None:
    assert await started(**published) == outcome


async def test_and_within_its_hours() -> None:
    nights = a_method().openings[0]
    closed = type(nights)(days=(6, 7), opens=nights.opens, closes=nights.closes)

    assert await started(openings=(closed,)) == "outside_method_hours"
