"""An amount of đồng as a Vietnamese receipt says it: "Một triệu không trăm linh năm nghìn đồng"."""

from typing import Final, Literal

from services.receipt.domain.errors import UnreadableAmount

ZeroTens = Literal["linh", "lẻ"]

DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES: Final = ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"))


def amount_in_words(amount: int, *, zero_tens: ZeroTens = "linh") -> str:
    """`zero_tens` is the word for an empty tens place: "linh" in the north, "lẻ" in the south."""
    if type(amount) is not int or amount < 0:
        raise UnreadableAmount(amount)
    words = " ".join(_number(amount, zero_tens, leading=True)) or DIGITS[0]
    return f"{words[0].upper()}{words[1:]} đồng"


def _number(value: int, zero_tens: ZeroTens, *, leading: bool) -> list[str]:
    """Scale by scale; above tỷ the higher part is itself a number, hence "một nghìn tỷ"."""
    words: list[str] = []
    for scale, name in SCALES:
        higher, value = divmod(value, scale)
        if higher:
            words += [*_number(higher, zero_tens, leading=leading), name]
            leading = False
    return words + _group(value, zero_tens, leading=leading)


def _group(value: int, zero_tens: ZeroTens, *, leading: bool) -> list[str]:
    """Three digits; a group after another one names its empty hundreds, an empty group nothing."""
    if value == 0:
        return []
    hundreds, rest = divmod(value, 100)
    tens, units = divmod(rest, 10)
    words = [] if leading and hundreds == 0 else [DIGITS[hundreds], "trăm"]
    if tens == 1:
        words.append("mười")
    elif tens > 1:
        words += [DIGITS[tens], "mươi"]
    elif units and words:
        words.append(zero_tens)
    if units:
        words.append(_unit(units, tens))
    return words


def _unit(units: int, tens: int) -> str:
    if units == 1 and tens > 1:
        return "mốt"
    if units == 5 and tens > 0:
        return "lăm"
    return DIGITS[units]
