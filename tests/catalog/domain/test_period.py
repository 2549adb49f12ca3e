from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain.errors import BadPeriod
from services.catalog.domain.period import Period

DAYS = st.dates(min_value=date(2025, 1, 1), max_value=date(2025, 2, 28))
PERIODS = st.tuples(DAYS, st.none() | DAYS).filter(lambda p: p[1] is None or p[0] <= p[1])


def test_both_ends_of_a_period_are_inside() -> None:
    year = Period(date(2025, 1, 1), date(2025, 12, 31))

    assert year.holds_on(date(2025, 1, 1))
    assert year.holds_on(date(2025, 12, 31))
    assert not year.holds_on(date(2024, 12, 31))
    assert not year.holds_on(date(2026, 1, 1))


def test_a_period_without_an_end_holds_until_further_notice() -> None:
    assert Period(date(2025, 1, 1)).holds_on(date(9999, 12, 31))


def test_a_period_of_one_day_is_a_period() -> None:
    assert Period(date(2025, 1, 1), date(2025, 1, 1)).holds_on(date(2025, 1, 1))


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(BadPeriod):
        Period(date(2025, 1, 2), date(2025, 1, 1))


@given(PERIODS, PERIODS, DAYS)
def test_periods_with_a_common_day_overlap(
    first: tuple[date, date | None], second: tuple[date, date | None], day: date
) -> None:
    one, other = Period(*first), Period(*second)

    assert one.overlaps(other) == other.overlaps(one)
    if one.holds_on(day) and other.holds_on(day):
        assert one.overlaps(other)
    if not one.overlaps(other):
        assert not (one.holds_on(day) and other.holds_on(day))
