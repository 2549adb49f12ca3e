"""Settlement files and what comes of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.payment.domain.settlements.day import DayTotals, SettlementDay
from services.payment.domain.settlements.difference import (
    Difference,
    DifferenceKind,
    DifferenceState,
    DifferenceStep,
    FeeRate,
    FoundDifference,
)
from services.payment.domain.settlements.file import (
    Encoding,
    FileFormat,
    Period,
    SettlementFile,
    SettlementTerms,
)
from services.payment.domain.settlements.posting import PaidOut
from services.payment.domain.settlements.remittance import Earned, Remittance, RemittanceStatus
from services.payment.domain.settlements.row import BadLine, SettlementRow, StoredRow


class FileSource(Protocol):
    """A file that can be read from its beginning as often as needed, a piece at a time."""

    def chunks(self) -> Iterable[bytes]: ...


class SettlementReaders(Protocol):
    def read(
        self, chunks: Iterable[bytes], *, form: FileFormat, encoding: Encoding, now: datetime
    ) -> Iterator[SettlementRow | BadLine]:
        """Raises UnreadableSettlementFile, at any line: then the whole file is worth nothing."""


class SettlementAgreements(Protocol):
    def terms_of(self, provider: str) -> SettlementTerms: ...

    def signer_of(self, provider: str, *, digest: bytes, signature: bytes | None) -> str | None:
        """The key that signed; None where files need not be signed.

        Raises WrongSettlementSignature where they must be, and this one is not.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Consecutive lines: those after `from_line`, up to and with `to_line`."""

    from_line: int
    to_line: int
    rows: Sequence[SettlementRow]
    bad_lines: Sequence[BadLine]


class SettlementFiles(Protocol):
    async def begin_once(self, file: SettlementFile) -> SettlementFile:
        """The file as stored: the one that was begun before with these bytes, if there is one.

        One that was refused begins anew.
        """

    async def get(self, file_id: UUID) -> SettlementFile:
        """Raises UnknownSettlementFile."""

    async def add_batch(self, file: SettlementFile, batch: Batch) -> bool:
        """False when the file does not stand at `from_line` any more; nothing is added then."""

    async def save_loaded(self, file_id: UUID, *, period: Period | None, at: datetime) -> bool:
        """Without a period: from the first day that a row is of, to the last."""

    async def save_refused(self, file_id: UUID, reason: str) -> bool: ...

    async def list_unmatched(self, provider: str, *, limit: int) -> Sequence[SettlementFile]:
        """Loaded and not yet compared, in the order of loading."""

    async def save_matched(self, file_id: UUID, *, at: datetime) -> None: ...

    async def covers(self, provider: str, on: date) -> bool:
        """Whether a loaded file is about this day."""

    async def list_page(
        self, *, provider: str | None, before: UUID | None, limit: int
    ) -> Sequence[SettlementFile]: ...

    async def list_bad_lines(
        self, file_id: UUID, *, after: int, limit: int
    ) -> Sequence[BadLine]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some lines of one file: work for one transaction."""

    file_id: UUID
    first: int
    last: int


class SettlementMatching(Protocol):
    """Sets of rows at a time; every step may be done again and changes nothing the second time."""

    async def take_turn(self, provider: str) -> None:
        """Wait until nobody else works on this provider's rows in a transaction of theirs."""

    async def weigh(self) -> None:
        """Let the database see how much there is, so that it does not plan for an empty table."""

    async def mark_repeats(self, span: Span) -> None:
        """Rows said before become duplicates; earlier files' rows said otherwise, superseded."""

    async def match_by_reference(self, span: Span, provider: str) -> None: ...

    async def match_by_names(self, span: Span, provider: str) -> None:
        """By order and bill, what no reference matched; the rest is unmatched from then on."""

    async def match_again(self, provider: str) -> None:
        """Unmatched rows may fit what came in since."""

    async def list_settling(
        self, file_id: UUID, *, after: int, limit: int
    ) -> Sequence[SettlementRow]:
        """Rows of money that name a fee of exactly this amount which still waits for it."""


class SettlementDifferences(Protocol):
    async def find_in_rows(
        self, provider: str, on: date, *, rate: FeeRate | None, limit: int
    ) -> Sequence[FoundDifference]:
        """What is not on record as it is: of the day's rows, and of those with an open case."""

    async def find_missing(
        self, provider: str, on: date, *, limit: int
    ) -> Sequence[FoundDifference]:
        """What we hold of the day and no row speaks of, as far as it is not on record."""

    async def list_explained(
        self, provider: str, on: date, *, rate: FeeRate | None, limit: int
    ) -> Sequence[Difference]:
        """Open cases that the rows of today give no more reason for."""

    async def open(self, differences: Sequence[Difference]) -> None: ...

    async def change(self, found: Sequence[FoundDifference]) -> None:
        """Other facts than before: open, whoever had closed it."""

    async def explain(self, differences: Sequence[Difference]) -> None: ...

    async def save_signed_off(self, difference_id: UUID) -> bool:
        """False when it is not open any more."""

    async def add_steps(self, steps: Sequence[DifferenceStep]) -> None: ...

    async def get(self, difference_id: UUID) -> Difference:
        """Raises UnknownDifference."""

    async def count(self, provider: str, on: date, state: DifferenceState) -> int: ...

    async def list_page(
        self, wanted: "DifferenceFilter", *, before: UUID | None, limit: int
    ) -> Sequence[Difference]: ...

    async def list_steps(self, difference_id: UUID, *, limit: int) -> Sequence[DifferenceStep]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceFilter:
    """None is any. `agencies` limits to cases about fees of these agencies."""

    agencies: frozenset[str] | None = None
    provider: str | None = None
    on: date | None = None
    kind: DifferenceKind | None = None
    state: DifferenceState | None = None


class SettlementRows(Protocol):
    async def list_of_day(
        self, provider: str, on: date, *, after: tuple[UUID, int] | None, limit: int
    ) -> Sequence[StoredRow]:
        """`after` is the file and line of the last one seen."""

    async def list_of_file(
        self, file_id: UUID, *, after: int, limit: int
    ) -> Sequence[StoredRow]: ...


class SettlementDays(Protocol):
    async def totals(self, provider: str, on: date) -> DayTotals: ...

    async def take_paid_out(self, provider: str, until: date) -> Sequence[PaidOut]:
        """What rows up to this day say was paid out and the ledger does not have yet.

        Taking it marks the rows, so it is taken once; the caller posts it in the same transaction.
        """

    async def add_once(self, day: SettlementDay) -> bool: ...

    async def find(self, provider: str, on: date) -> SettlementDay | None: ...

    async def list_page(
        self, *, provider: str | None, before: UUID | None, limit: int
    ) -> Sequence[SettlementDay]: ...


class Remittances(Protocol):
    async def last_numbers(self) -> Mapping[tuple[str, str], int]:
        """By agency and kind."""

    async def list_earned(self) -> Sequence[Earned]: ...

    async def add_once(self, remittance: Remittance) -> bool:
        """False when another order of the agency and kind has this number."""

    async def get(self, remittance_id: UUID) -> Remittance:
        """Raises UnknownRemittance."""

    async def save_moved(self, remittance: Remittance, *, leaving: RemittanceStatus) -> bool:
        """False when it is not in that state any more."""

    async def list_page(
        self,
        *,
        agencies: frozenset[str] | None,
        status: RemittanceStatus | None,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Remittance]: ...
