from typing import Any

import pytest

from chassis.money import MixedCurrencies, Money
from chassis.schemas import MoneyBody


def test_money_is_written_as_people_write_it() -> None:
    assert str(Money(1_234_567)) == "1.234.567 VND"


def test_two_currencies_are_never_reckoned_together() -> None:
    with pytest.raises(MixedCurrencies):
        Money(1, "VND") + Money(1, "USD")
    with pytest.raises(MixedCurrencies):
        assert Money(1, "VND") < Money(2, "USD")


@pytest.mark.parametrize("wrong", [1.0, "1", True, None])
def test_only_whole_numbers_are_money(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money(wrong)


@pytest.mark.parametrize("wrong", [1.5, "150000", True, -1, 10**16, float("nan")])
def test_the_interface_takes_only_whole_bounded_amounts(wrong: Any) -> None:
    with pytest.raises(ValueError, match="amount"):
        MoneyBody.model_validate({"amount": wrong, "currency": "VND"})
