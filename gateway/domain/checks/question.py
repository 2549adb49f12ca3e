"""What somebody who holds a receipt asks about it. Only what can be meant is handed on."""

import re
from dataclasses import dataclass
from typing import Final, Self

CODE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
AMOUNT_DIGITS_MAX: Final = 15
NUMBER_DIGITS_MAX: Final = 8
# As people write an amount: 1.234.567 ₫, 1,234,567 đ, 1 234 567.
BETWEEN_DIGITS: Final = re.compile(r"[.,\s]|₫|đồng|đ|VND|VNĐ", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAmount:
    code: str
    amount: int

    @classmethod
    def read(cls, code: str, amount: str) -> Self | None:
        code = "".join(code.split())
        digits = BETWEEN_DIGITS.sub("", amount)
        if not CODE.fullmatch(code) or not _is_whole(digits, AMOUNT_DIGITS_MAX):
            return None
        return cls(code=code, amount=int(digits))


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPrint:
    """What the QR of a receipt says."""

    form_code: str
    symbol: str
    number: int
    code: str

    @classmethod
    def read(cls, form_code: str, symbol: str, number: str, code: str) -> Self | None:
        fits = 1 <= len(form_code) <= 20 and 1 <= len(symbol) <= 25
        if not fits or not _is_whole(number, NUMBER_DIGITS_MAX) or not CODE.fullmatch(code):
            return None
        return cls(form_code=form_code, symbol=symbol, number=int(number), code=code)


Question = ByAmount | ByPrint


def _is_whole(text: str, digits_max: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits_max and int(text) > 0
