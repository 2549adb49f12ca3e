"""Who collects, under which rule, and where numbers come from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.series.choosing import Choice
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.life import SeriesLife, SeriesState, Tally
from services.receipt.domain.series.registration import Registration, SigningCertificate
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNumbers:
    """Neighbouring numbers and the instant they are dated by, which never runs backwards.

    `signing_waits`: older ones of the series are unsigned, and these shall wait behind them.
    """

    first: int
    count: int
    numbered_at: datetime
    signing_waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFilter:
    """`after`: the series that the page before ended with."""

    agencies: frozenset[str] | None
    year: int | None = None
    state: SeriesState | None = None
    after: ReceiptSeries | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFilter:
    """For what is listed by agency, the latest first."""

    agencies: frozenset[str] | None
    before: UUID | None = None
    limit: int


class CollectingBodies(Protocol):
    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        """Keep what was published last; older news arriving late changes nothing."""

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None:
        """As it stands in receipts of that day, with the body that issues them in its name."""

    async def find_all(
        self, agency_codes: Collection[str], *, on: date
    ) -> Mapping[str, CollectingBody]:
        """By agency; whoever is not known is left out."""


class ReceiptRules(Protocol):
    async def find(self, *, on: date) -> ReceiptRule | None: ...


class SeriesBook(Protocol):
    @property
    def must_be_planned(self) -> bool:
        """Whether no series begins by itself with the first receipt."""

    async def list_of_year(
        self, agency_codes: Collection[str], year: int
    ) -> Sequence[SeriesLife]: ...

    async def prepare(self, choice: Choice, *, year: int, now: datetime) -> None:
        """Open or begin it, unless somebody else just did."""

    async def draw(
        self, series: ReceiptSeries, *, count: int, numbers_max: int, now: datetime
    ) -> DrawnNumbers | None:
        """Numbers that are ours if the transaction commits; nobody else can draw meanwhile. None
        unless the series is open. One that has no more than these is closed with its last."""

    async def let_signing_wait(self, series: Collection[ReceiptSeries]) -> None:
        """From now on their receipts are left to the pass, which signs in order."""

    async def lease_unsigned(self, *, now: datetime, until: datetime) -> ReceiptSeries | None:
        """A series with receipts to be signed, held by this transaction and then until then."""

    async def end_waiting(self, series: ReceiptSeries) -> None:
        """What is numbered from now on may be signed at once."""

    async def release(self, series: ReceiptSeries, *, at: datetime) -> None:
        """Others may lease it from that moment on."""


class SeriesRegister(Protocol):
    """Series as people plan, open and close them."""

    async def add_once(self, life: SeriesLife) -> bool:
        """False when there is one of that name."""

    async def get_for_update(self, series: ReceiptSeries) -> SeriesLife: ...

    async def save(self, life: SeriesLife) -> None: ...

    async def tally(self, series: ReceiptSeries) -> Tally: ...

    async def list_past(self, *, before_year: int, limit: int) -> Sequence[ReceiptSeries]:
        """Not closed though their year is over."""

    async def list_unrenewed(self, year: int, *, limit: int) -> Sequence[SeriesLife]:
        """Open ones whose agency has none of the year after for the same use."""

    async def list_page(self, wanted: SeriesFilter) -> Sequence[SeriesLife]:
        """By agency, form and symbol."""


class Registrations(Protocol):
    async def add(self, registration: Registration) -> None: ...

    async def get(self, registration_id: UUID) -> Registration: ...

    async def get_for_update(self, registration_id: UUID) -> Registration: ...

    async def save(self, registration: Registration) -> None: ...

    async def list_accepted(self, agency_code: str) -> Sequence[Registration]:
        """The last one first."""

    async def list_page(self, wanted: PaperFilter) -> Sequence[Registration]: ...


class Delegations(Protocol):
    async def hold(self, agency_code: str) -> None:
        """Until this transaction ends nobody else adds one for the agency."""

    async def add(self, delegation: Delegation) -> None: ...

    async def get_for_update(self, delegation_id: UUID) -> Delegation: ...

    async def save(self, delegation: Delegation) -> None: ...

    async def list_of(self, agency_code: str, *, from_day: date) -> Sequence[Delegation]:
        """In force on that day or later."""

    async def list_page(self, wanted: PaperFilter) -> Sequence[Delegation]: ...


class SigningCertificates(Protocol):
    async def of(self, agency_code: str) -> Sequence[SigningCertificate]:
        """Of whoever signs for the agency now; empty when nobody can."""
