from datetime import UTC, datetime

import pytest

from chassis.errors import Refused
from chassis.money import Money
from chassis.testing import FrozenClock
from services.payment.domain.intents.method import Method
from services.payment.domain.methods.published import Place
from services.payment.use_cases.methods.require_offered import require_offered
from tests.payment.fakes import FakeMethods
from tests.payment.methods.samples import a_method, a_set

FEE = Money(150_000)
# A Monday in Vietnam, seven hours ahead of UTC.
WORKING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (999, "below_method_minimum"),
        (1_000, None),
        (50_000_000, None),
        (50_000_001, "above_method_limit"),
    ],
)
def test_a_method_takes_amounts_between_its_minimum_and_its_limit(
    amount: int, code: str | None
) -> None:
    refusal = a_method().refusal(Money(amount), at=WORKING)

    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 11, 23, 0, 29, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 9, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), False),
        # Sunday evening in London is Monday morning in Vietnam, and Friday night is Saturday.
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 27, 17, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 28, 5, 0, tzinfo=UTC), False),
    ],
)
def test_hours_hold_in_vietnams_time_on_its_weekdays(at: datetime, is_open: bool) -> None:
    refusal = a_method().refusal(FEE, at=at)

    assert (refusal and refusal.code) == (None if is_open else "outside_method_hours")


def test_without_openings_a_method_can_be_used_at_any_time() -> None:
    assert a_method(openings=()).refusal(FEE, at=datetime(2026, 11, 29, tzinfo=UTC)) is None


async def refused(methods: FakeMethods, place: Place | None = None) -> str | None:
    try:
        await require_offered(
            Method.MOMO, FEE, methods=methods, clock=FrozenClock(WORKING), place=place
        )
    except Refused as refusal:
        return refusal.code
    return None


async def test_before_the_catalogues_first_word_everything_is_offered() -> None:
    assert await refused(FakeMethods()) is None


async def test_afterwards_only_what_is_published_for_that_place_is_offered() -> None:
    methods = FakeMethods()
    await methods.keep_newest(a_set(a_method("zalopay")))
    withdrawn = await refused(methods)
    await methods.keep_newest(a_set(published_at=datetime(2026, 11, 24, tzinfo=UTC)))

    assert withdrawn == "method_not_offered"
    assert await refused(methods) is None
    assert await refused(methods, Place.ONLINE) is None
    assert await refused(methods, Place.COUNTER) == "method_not_offered"
