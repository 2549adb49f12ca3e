"""How much proof a signature brings along, in the names of ETSI (EN 319 132 and 319 142)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class SignatureLevel(StrEnum):
    B_B = "B-B"
    # A time stamp from outside: when it was signed is no longer the signer's own word.
    B_T = "B-T"
    # And what was said of revocation at that time: it verifies when nobody is left to ask.
    B_LT = "B-LT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Who vouches for signer and time stamper, and what they had revoked, as lists or as answers
    about one certificate; all of it DER, and of one authority's list and certificate there is one.
    `stamper` is the certificate it is about besides the signer's.
    """

    authorities: Sequence[bytes] = ()
    lists: Sequence[bytes] = ()
    answers: Sequence[bytes] = ()
    stamper: bytes | None = None
