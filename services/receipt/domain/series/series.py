"""Where numbers come from: one unbroken row of them per collecting body, form and symbol."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.receipt.domain.errors import SeriesIsFull

ELECTRONIC: Final = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRule:
    """What the law may change, in force from one day to another."""

    valid_from: date
    valid_to: date | None
    title: str
    form_code: str
    symbol_letters: str
    number_width: int
    legal_basis: str

    def series_for(self, agency_code: str, on: date) -> "ReceiptSeries":
        """The symbol carries the year, so every new year's day begins a new series."""
        symbol = f"{self.symbol_letters}-{on.year % 100:02d}{ELECTRONIC}"
        return ReceiptSeries(agency_code=agency_code, form_code=self.form_code, symbol=symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeries:
    agency_code: str
    form_code: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptNumber:
    series: ReceiptSeries
    number: int
    width: int

    def __post_init__(self) -> None:
        if not 1 <= self.number < 10**self.width:
            raise SeriesIsFull(self.series.symbol, self.number)

    @property
    def printed(self) -> str:
        return f"{self.number:0{self.width}d}"
