"""The book of a series' numbers, one for each day: complete by its own words, or not drawn up.

A file of canonical JSON lines: what it is about, a line for each number, and below them the
signature of the collecting body over all that stands above. Each book carries the digest of the
one before, so that the books of a series put one after the other are a chain from number 1 on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from chassis.canonical import canonical_json, sha256_hex
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.series.series import ReceiptSeries

FORM: Final = "lephi-number-book-1"
CURRENCY: Final = "VND"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFacts:
    """What the signed original says of itself."""

    form_code: str
    symbol: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    number: int
    kind: str
    amount: int
    # As it stood when the book was drawn up; what changes later stands in later summaries.
    standing: str
    numbered_at: datetime
    xml_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberBook:
    """`content` is the signed file; everything else stands in it as well."""

    series: ReceiptSeries
    day: date
    first: int
    last: int
    amount: int
    previous_sha256: str | None
    content: bytes
    sha256: str
    drawn_up_at: datetime

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedBook:
    series: ReceiptSeries
    day: date
    previous: NumberBook | None
    lines: Sequence[BookLine]
    drawn_up_at: datetime

    def content(self, body: CollectingBody) -> bytes:
        head = canonical_json(self._head(body))
        return b"".join(one + b"\n" for one in (head, *map(_line, self.lines)))

    def signed(self, content: bytes, signature: bytes) -> NumberBook:
        whole = content + signature + b"\n"
        return NumberBook(
            series=self.series,
            day=self.day,
            first=self.lines[0].number,
            last=self.lines[-1].number,
            amount=_sum(self.lines),
            previous_sha256=self.previous.sha256 if self.previous else None,
            content=whole,
            sha256=sha256_hex(whole),
            drawn_up_at=self.drawn_up_at,
        )

    def _head(self, body: CollectingBody) -> dict[str, Any]:
        return {
            "agency": {"code": body.agency_code, "name": body.name, "tax_code": body.tax_code},
            "amount": str(_sum(self.lines)),
            "count": len(self.lines),
            "currency": CURRENCY,
            "day": self.day.isoformat(),
            "drawn_up_at": self.drawn_up_at.isoformat(),
            "first": self.lines[0].number,
            "form": FORM,
            "form_code": self.series.form_code,
            "last": self.lines[-1].number,
            "previous_day": self.previous.day.isoformat() if self.previous else None,
            "previous_sha256": self.previous.sha256 if self.previous else None,
            "symbol": self.series.symbol,
        }


def _line(line: BookLine) -> bytes:
    return canonical_json(
        {
            "amount": str(line.amount),
            "kind": line.kind,
            "number": line.number,
            "numbered_at": line.numbered_at.isoformat(),
            "standing": line.standing,
            "xml_sha256": line.xml_sha256,
        }
    )


def _sum(lines: Iterable[BookLine]) -> int:
    return sum(one.amount for one in lines)
