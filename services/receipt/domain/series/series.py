"""Where numbers come from: one unbroken row of them per collecting body, form and symbol."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.receipt.domain.errors import SeriesIsFull
from services.receipt.domain.series.errors import FormNotAllowed, SymbolNotAllowed

# What came before this was data: a receipt that quotes its rule carries only what is printed.
LETTERS: Final = "ABCDEGHKLMNPQRSTUVXY"
FORM: Final = r"0[12]BLP0-\d{3}"
SYMBOL: Final = "{letters}-{year:02d}E"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeries:
    agency_code: str
    form_code: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRule:
    """What the law may change, in force from one day to another.

    `form_pattern` is a regular expression for the whole form code; `symbol_format` is filled with
    `letters`, each of `symbol_alphabet`, and `year`, of which a symbol has two digits.
    """

    valid_from: date
    valid_to: date | None
    title: str
    form_code: str
    symbol_letters: str
    number_width: int
    legal_basis: str
    symbol_alphabet: str = LETTERS
    symbol_format: str = SYMBOL
    form_pattern: str = FORM

    @property
    def numbers_max(self) -> int:
        """The last number that fits."""
        last: int = 10**self.number_width - 1
        return last

    def symbol(self, letters: str, year: int) -> str:
        """It carries the year, so every new year's day begins a new series."""
        wrong = [letter for letter in letters if letter not in self.symbol_alphabet]
        if len(letters) != len(self.symbol_letters) or wrong:
            raise SymbolNotAllowed(letters, alphabet=self.symbol_alphabet)
        return self.symbol_format.format(letters=letters, year=year % 100)

    def require_form(self, form_code: str) -> None:
        if not re.fullmatch(self.form_pattern, form_code):
            raise FormNotAllowed(form_code)

    def letters_after(self, letters: str) -> str | None:
        """The next pair in the order of the alphabet; None after the last."""
        alphabet = self.symbol_alphabet
        place = [alphabet.index(letter) for letter in letters]
        for position in reversed(range(len(place))):
            if place[position] + 1 < len(alphabet):
                place[position] += 1
                return "".join(alphabet[index] for index in place)
            place[position] = 0
        return None


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
