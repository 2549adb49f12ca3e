"""A second place for signed bytes, and what we know of everything that lies there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import UUID

from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason, KeepingState
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.keeping.kept import KeptDocument, RetentionRule
from services.receipt.domain.receipts.receipt import Document, Form
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.series.series import ReceiptSeries

# More than any receipt is; whatever is larger is not read to its end.
BYTES_MAX: Final = 16 * 1024 * 1024


class Vault(Protocol):
    """Bytes under their SHA-256. Every method may raise VaultUnavailable."""

    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        """Once: whether it is new here. What came is read back before this returns.

        Raises WrongAddress, and VaultCopyDiffers when other bytes lie there; neither writes.
        """

    async def get(self, sha256: str) -> bytes | None:
        """What lies there, whether or not it is right."""

    async def size_of(self, sha256: str) -> int | None:
        """In bytes; None when there is nothing."""

    async def list_page(self, prefix: str, *, after: str, limit: int) -> Sequence[str]:
        """Addresses that begin like this, in order, behind `after` (empty: from the first)."""

    async def mend(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> None:
        """Right bytes in the place of wrong or missing ones; the wrong ones are set aside."""

    async def delete(self, sha256: str) -> None:
        """For the pass that removes what is past its time, and nobody else."""


class KeptDocuments(Protocol):
    async def claim_waiting(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[KeptDocument]:
        """What has no copy yet, the oldest first, lent to this caller until then."""

    async def claim_checks(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[KeptDocument]:
        """What is due to be compared, lent to this caller until then."""

    async def save_kept(self, kept: KeptDocument, *, check_due_at: datetime) -> None: ...

    async def save_checked(
        self, kept: KeptDocument, *, at: datetime, check_due_at: datetime
    ) -> None:
        """With how long it is to be kept, which may have become longer."""

    async def is_there(self, kept: KeptDocument) -> bool:
        """Whether its copy is neither removed nor going to be."""

    async def put_off(self, kept: KeptDocument, *, until: datetime) -> None: ...

    async def list_of(self, receipt_ids: Collection[UUID]) -> Sequence[KeptDocument]:
        """With or without a copy yet, and not those whose copy was removed."""

    async def list_removed(self, receipt_ids: Collection[UUID]) -> Collection[tuple[UUID, Form]]:
        """Of which the copy is gone, or is going, because its time was over."""

    async def known(self, digests: Collection[str]) -> frozenset[str]:
        """Those of them that are of documents of ours."""

    async def measure(self, *, checked_before: datetime, now: datetime) -> "KeepingMeasures": ...

    async def list_expired(
        self, *, today: date, agencies: frozenset[str] | None, after: UUID | None, limit: int
    ) -> Sequence["Expired"]:
        """What is past its time and still there, by receipt; said of each whether it is held."""

    async def decide_removals(self, *, today: date, now: datetime, limit: int) -> int:
        """Mark what is past its time and not on hold. Only behind `Holds.close_gate`."""

    async def undo_removals(self, hold: LegalHold) -> None:
        """What was decided and not done is compared again at once, and so put back if need be."""

    async def list_removing(self, *, limit: int) -> Sequence[KeptDocument]:
        """What was decided and not done, and is still not on hold."""

    async def save_removed(self, kept: KeptDocument, *, at: datetime) -> None:
        """Unless the decision was undone meanwhile."""

    async def is_shared(self, kept: KeptDocument) -> bool:
        """Whether another document has these very bytes and must stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingMeasures:
    waiting: int
    # Not compared for longer than they should be.
    overdue: int
    findings: Mapping[tuple[KeepingReason, KeepingState], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    receipt_id: UUID
    agency_code: str
    keep_until: date
    documents: int
    on_hold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    state: KeepingState | None = KeepingState.OPEN
    agencies: frozenset[str] | None = None
    before: UUID | None = None
    limit: int = 50


class KeepingFindings(Protocol):
    async def add_once(self, finding: KeepingFinding) -> bool:
        """False when the same is open already."""

    async def get_for_update(self, finding_id: UUID) -> KeepingFinding: ...

    async def close(self, finding: KeepingFinding) -> None: ...

    async def mark_repaired(
        self, sha256: str, *, at: datetime, but: Collection[KeepingReason] = ()
    ) -> None:
        """Whatever is open about these bytes and is not wrong any more."""

    async def list_page(self, wanted: FindingFilter) -> Sequence[KeepingFinding]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFilter:
    released: bool = False
    agencies: frozenset[str] | None = None
    before: UUID | None = None
    limit: int = 50


class Holds(Protocol):
    async def close_gate(self) -> None:
        """From here to the end of the transaction nobody else places a hold or decides removals."""

    async def add(self, hold: LegalHold) -> None: ...

    async def get_for_update(self, hold_id: UUID) -> LegalHold: ...

    async def save_released(self, hold: LegalHold) -> None: ...

    async def list_page(self, wanted: HoldFilter) -> Sequence[LegalHold]: ...


class RetentionRules(Protocol):
    async def find(self, *, on: date) -> RetentionRule | None: ...


class Shelves(Protocol):
    """The two letters with which addresses begin: the vault is looked through one by one."""

    async def claim(self, *, now: datetime, until: datetime) -> str | None: ...

    async def save_looked(self, prefix: str, *, at: datetime, due_at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReceipt:
    """What the books know of a receipt whose files are wanted back."""

    id: UUID
    agency_code: str
    form_code: str
    symbol: str
    number: int
    xml_sha256: str
    issuer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A number and the digest of what was signed under it; none while it is being signed."""

    number: int
    xml_sha256: str | None


class NumbersKept(Protocol):
    """What series and their books say was numbered, to find a receipt that is not there."""

    async def list_series(self) -> Sequence[tuple[ReceiptSeries, int]]:
        """Those of ours, each with its last number."""

    async def list_numbers(
        self, series: ReceiptSeries, *, after: int, limit: int
    ) -> Sequence[Numbered]: ...

    async def list_books(
        self, series: ReceiptSeries, *, after: int, limit: int
    ) -> Sequence[NumberBook]:
        """In the order of their numbers, those whose first is beyond `after`."""


class KeptOriginals(Protocol):
    """Receipts and their bytes, as whoever compares or restores them needs them."""

    async def find(self, receipt_id: UUID, form: Form) -> Document | None: ...

    async def restore(self, document: Document) -> bool:
        """Put bytes that fit their digest where they are missing or do not; else False."""

    async def list_issued(self, *, after: UUID | None, limit: int) -> Sequence[IssuedReceipt]: ...


class Keeping(Protocol):
    """One transaction over what is kept."""

    @property
    def kept(self) -> KeptDocuments: ...

    @property
    def findings(self) -> KeepingFindings: ...

    @property
    def holds(self) -> Holds: ...

    @property
    def rules(self) -> RetentionRules: ...

    @property
    def shelves(self) -> Shelves: ...

    @property
    def numbers(self) -> NumbersKept: ...

    @property
    def originals(self) -> KeptOriginals: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


OpenKeeping = Callable[[], Keeping]
