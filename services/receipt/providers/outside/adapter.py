"""What an adapter of an outside issuer is made of: pure functions that write requests and read
replies. Nothing here sends anything; `wire.py` carries the requests.

Adding an issuer is one file of such functions, and one line in the table.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chassis.clock import vietnam_date
from services.receipt.domain.outside.issue import Told
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.outside import OutsideAnswer, OutsideDocument, OutsideOrder

YEAR: Final = "{yy}"
DIGITS_MAX: Final = 9


class UnusableReply(Exception):
    """A reply that is not the issuer's own, or says nothing about what was asked: not knowing.

    Names what is wrong with it and quotes nothing of it: a reply may repeat who paid.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerConfig:
    """What an operator has written down about an issuer.

    `url` is where its API begins, without a slash at the end; `facts` are its form codes and the
    like; `secrets` never leave this object but into a request.
    """

    name: str
    kind: str
    url: str
    agencies: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """About one receipt that the issuer may have."""

    key: str
    at: datetime
    told: Told | None = None
    form: Form = Form.XML


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request and what its reply means. None: go on with the next step."""

    request: OutgoingRequest
    read: Callable[[Reply], OutsideAnswer | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a token is fetched, of an issuer that takes requests with one. It goes as a cookie."""

    request: Callable[[], OutgoingRequest]
    read: Callable[[Reply], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`read`s raise UnusableReply. A cancellation may take several steps in order.

    `needs` names the facts and secrets without which it could not ask.
    """

    name: str
    needs: frozenset[str]
    publish: Callable[[OutsideOrder], Step]
    replace: Callable[[OutsideOrder], Step]
    adjust: Callable[[OutsideOrder], Step]
    cancel: Callable[[OutsideOrder], Sequence[Step]]
    find: Callable[[Question], Step]
    fetch: Callable[[Question], OutgoingRequest]
    read_file: Callable[[Question, Reply], OutsideDocument]
    owns_series: bool = True
    sign_in: SignIn | None = None


def symbol_at(template: str, at: datetime) -> str:
    """`AA-{yy}E` has the year of the receipt's date; a symbol without it is one for all years."""
    return template.replace(YEAR, f"{vietnam_date(at).year % 100:02d}")


def is_of(template: str, symbol: str) -> bool:
    """Whether a symbol is of this kind, in whatever year: found again, it may be last year's."""
    return re.fullmatch(re.escape(template).replace(re.escape(YEAR), r"\d\d"), symbol) is not None


def number_of(digits: str) -> int:
    """Raises UnusableReply for what is no receipt's number."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX and int(digits)):
        raise UnusableReply("no number")
    return int(digits)
