"""Whole minor units and a currency. Đồng have no minor unit, so 1 is one đồng."""

from dataclasses import dataclass
from typing import Self

from chassis.errors import Invalid


class MixedCurrencies(Invalid):
    code = "mixed_currencies"

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            f"{left} and {right} cannot be reckoned together.",
            vi=f"Không thể tính chung {left} và {right}.",
        )


@dataclass(frozen=True, slots=True)
class Money:
    minor_units: int
    currency: str = "VND"

    def __post_init__(self) -> None:
        # bool is an int to Python, and True đồng is a bug.
        if type(self.minor_units) is not int:
            raise TypeError(f"minor_units must be an int, not {type(self.minor_units).__name__}")

    @classmethod
    def zero(cls, currency: str = "VND") -> Self:
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor_units + other.minor_units, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor_units - other.minor_units, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor_units < other.minor_units

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor_units <= other.minor_units

    def __str__(self) -> str:
        return f"{self.minor_units:,}".replace(",", ".") + f" {self.currency}"

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MixedCurrencies(self.currency, other.currency)
