"""The short name by which money finds its intent, and its recovery from a transfer's memo."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

PREFIX: Final = "LP"
# The last of them checks the others.
LENGTH: Final = 10
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CANDIDATES_MAX: Final = 8

_NOT_PLAIN: Final = re.compile(r"[^0-9A-Z]")
# The field of 32 elements, as the polynomials of five bits modulo x^5 + x^2 + 1.
_MODULUS: Final = 0b100101
_OVERFLOW: Final = 0b100000
# A look-ahead, so that a chance "LP" before the true one does not swallow it.
_BILL: Final = re.compile(rf"(?=({PREFIX}[{ALPHABET}]{{{LENGTH}}}))")
# Either form of a dossier code, H19.25-261123-0001 or 000.01.12.H19-261123-0001. The short one
# must not be the tail of a long one, which would name another dossier.
_DOSSIER: Final = re.compile(
    r"(?:[0-9]{3}\.?[0-9]{2}\.?[0-9]{2}\.?|(?<![0-9])(?<![0-9]\.))H[0-9]{2}[0-9.-]{10,30}"
)


@dataclass(frozen=True, slots=True)
class NamedReferences:
    """What a notice names: bill references and dossier codes, both without separators."""

    bills: tuple[str, ...]
    dossiers: tuple[str, ...]


def new_bill_reference(token: str) -> str:
    """`LP`, 45 bits of an unguessable token in letters that nobody confuses (Crockford), and a
    letter that checks them."""
    bits = int.from_bytes(sha256(token.encode()).digest()[:7], "big")
    letters = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(LENGTH - 1))
    return PREFIX + letters + check_letter(letters)


def check_letter(letters: str) -> str:
    """Each place weighs another power of a generator of the field. So one wrong letter, or any
    two swapped, is always noticed, which Luhn's sum modulo 32 does not do for 0 and Z."""
    check = 0
    for letter in letters:
        check = _times_x(check ^ ALPHABET.index(letter))
    return ALPHABET[check]


def plain(code: str) -> str:
    """A code as banks leave it: separators gone, upper case."""
    return _NOT_PLAIN.sub("", code.upper())


def named_references(*texts: str | None) -> NamedReferences:
    """All references in these texts. Banks add words around a memo and drop its separators; people
    mistype it, and then it names nothing rather than somebody else's fee."""
    given = [text.upper() for text in texts if text]
    found = [one for text in given for one in _BILL.findall(plain(text))]
    bills = [one for one in found if _is_checked(one)]
    dossiers = [plain(found) for text in given for found in _DOSSIER.findall(text)]
    return NamedReferences(_first(bills), _first(dossiers))


def _first(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(found[:CANDIDATES_MAX])))


def _is_checked(reference: str) -> bool:
    return check_letter(reference[len(PREFIX) : -1]) == reference[-1]


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ _MODULUS if doubled & _OVERFLOW else doubled
