"""Finds what looks like a payment card's number, so that none is ever stored or logged."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from unicodedata import category, normalize

from chassis.errors import Invalid

LENGTHS: Final = range(13, 20)
HIDDEN_LENGTHS: Final = (15, 16, 19)
# Issuers' first digits: the international schemes, Discover's and UnionPay's, Napas' (9704).
_ISSUER: Final = re.compile(r"3|4|5|6|2(?:2[2-9]|[3-6]|7[01])|9704")
# Digits with a few separators between them, as people write a number down.
_RUN: Final = re.compile(r"\d(?:[ .,_/\\-]{0,3}\d){12,}")
_UNBROKEN: Final = re.compile(r"\d{13,}")
_UUID: Final = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", re.IGNORECASE
)


class CardNumberGiven(Invalid):
    """It says nothing of what was found: the sentence may be logged."""

    code = "card_number_given"

    def __init__(self) -> None:
        super().__init__(
            "This looks like a card number. None may be written down here.",
            vi="Nội dung giống số thẻ. Không được ghi số thẻ vào hệ thống.",
        )


def refuse_card_numbers(value: Any) -> None:
    """Raises CardNumberGiven, without naming what was found. Looks at keys and values alike."""
    if any(holds_card_number(text) for text in _texts(value)):
        raise CardNumberGiven


def refuse_card_numbers_in_body(raw: bytes) -> None:
    """The same for the bytes of a request: as they stand, and as JSON with every repeated key."""
    text = raw.decode("utf-8", "replace")
    refuse_card_numbers(text)
    try:
        refuse_card_numbers(json.loads(text, object_pairs_hook=list))
    except (ValueError, RecursionError):
        return


def holds_card_number(text: str) -> bool:
    """Ids of ours are left out: by chance their digits would often look like one."""
    kept = _UUID.sub(" - - - - ", normalize("NFKC", text))
    plain = "".join(one for one in kept if category(one) != "Cf")
    return any(_is_card_number(digits) for digits in _candidates(plain))


def _candidates(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        digits = _digits(run)
        if len(digits) in LENGTHS:
            yield digits
    # Hidden in a longer number, it starts anywhere; old short ones would be found by chance.
    for run in _UNBROKEN.findall(text):
        digits = _digits(run)
        for size in HIDDEN_LENGTHS:
            for start in range(len(digits) - size + 1):
                yield digits[start : start + size]


def _digits(text: str) -> str:
    return "".join(str(int(one)) for one in text if one.isdecimal())


def _is_card_number(digits: str) -> bool:
    if len(digits) not in LENGTHS or not _ISSUER.match(digits):
        return False
    total = 0
    for place, one in enumerate(reversed(digits)):
        doubled = int(one) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif value is not None:
        yield str(value)
