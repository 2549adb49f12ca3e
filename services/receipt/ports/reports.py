"""What reports are made of, and where they are kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from services.receipt.domain.receipts.fee import CollectingBody, Kind
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.reports.download import Download
from services.receipt.domain.reports.number_book import NumberBook, SignedFacts
from services.receipt.domain.reports.period import Days
from services.receipt.domain.reports.summary import Summary
from services.receipt.domain.reports.usage import SeriesUsage
from services.receipt.domain.series.series import ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """A receipt as its row has it, and the signed original beside it."""

    receipt: Receipt
    row_amount: int
    original: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFilter:
    agencies: frozenset[str] | None
    days: Days
    kind: Kind | None = None
    form_code: str | None = None
    symbol: str | None = None


class OriginalReader(Protocol):
    def read(self, original: bytes) -> SignedFacts | None:
        """None for what is no receipt of ours. Signatures are not judged by this."""


class BookSigner(Protocol):
    async def sign(self, content: bytes, *, agency_code: str) -> bytes:
        """One line: a detached signature that carries its certificates."""


class Entries(Protocol):
    async def last_number(self, series: ReceiptSeries) -> int: ...

    async def list_numbers(
        self, series: ReceiptSeries, *, after: int, upto: int, limit: int
    ) -> Sequence[BookRow]: ...

    async def list_page(
        self, wanted: ReceiptFilter, *, before: UUID | None, limit: int
    ) -> Sequence[Receipt]:
        """The latest first."""

    async def list_ids(self, wanted: ReceiptFilter, *, limit: int) -> Sequence[UUID]:
        """Of those that are signed, the oldest first."""

    async def list_agencies(self, days: Days) -> Collection[str]:
        """Who numbered anything on these days."""

    async def list_usage(self, agency_code: str, days: Days) -> Sequence[SeriesUsage]: ...


class NumberBooks(Protocol):
    async def add_once(self, book: NumberBook) -> bool:
        """False when this day has its book already, or another begins at the same number."""

    async def find(self, series: ReceiptSeries, day: date) -> NumberBook | None: ...

    async def find_last(self, series: ReceiptSeries) -> NumberBook | None: ...

    async def list_series(self) -> Sequence[ReceiptSeries]:
        """Those that we number ourselves and whose last number is in no book yet."""

    async def list_page(
        self, agencies: frozenset[str] | None, days: Days
    ) -> Sequence[NumberBook]: ...


class Summaries(Protocol):
    async def add_once(self, summary: Summary) -> bool:
        """False when this version is there already."""

    async def find(self, agency_code: str, day: date, version: int | None = None) -> Summary | None:
        """The last one, unless a version is named."""

    async def list_versions(self, agency_code: str, day: date) -> Sequence[Summary]: ...


class Downloads(Protocol):
    async def add_once(self, download: Download) -> bool:
        """False when this person has used the key before."""

    async def find(self, download_id: UUID) -> Download | None: ...

    async def find_by_key(self, asked_by: str, key: str) -> Download | None: ...

    async def claim_due(self, *, now: datetime, until: datetime) -> Download | None:
        """One that is not ready, lent to this caller until then."""

    async def save(self, download: Download, *, due_at: datetime) -> None:
        """`due_at`: when somebody else should go on, if it is not done."""


class Bodies(Protocol):
    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None: ...


class Reporting(Protocol):
    """One transaction over what is reported and the reports."""

    @property
    def entries(self) -> Entries: ...

    @property
    def books(self) -> NumberBooks: ...

    @property
    def summaries(self) -> Summaries: ...

    @property
    def downloads(self) -> Downloads: ...

    @property
    def bodies(self) -> Bodies: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
