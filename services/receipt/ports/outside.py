"""Whoever else issues receipts for a collecting body, and what we keep of asking them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chassis.money import Money
from services.receipt.domain.outside.finding import Finding, FindingReason, Hole
from services.receipt.domain.outside.issue import OrderState, OutsideIssue, Told, Wanted
from services.receipt.domain.receipts.fee import CollectingBody, FeeLine, Kind, Payer
from services.receipt.domain.receipts.receipt import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The receipt that a correction is about, as its issuer knows it."""

    key: str
    told: Told
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOrder:
    """All that goes into a receipt. Made of stored facts alone: asking again says the same."""

    key: str
    wanted: Wanted
    body: CollectingBody
    payer: Payer = field(repr=False)
    kind: Kind
    lines: Sequence[FeeLine]
    amount: Money
    method: str
    at: datetime
    reference: str
    corrected: Corrected | None = None
    reason: str = ""


class Outcome(StrEnum):
    TOLD = "told"
    # The issuer does it and has no number to tell: a cancellation.
    DONE = "done"
    NOT_KNOWN = "not_known"
    # The issuer has this key already; it must be looked for.
    KEY_TAKEN = "key_taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideAnswer:
    """`code` is the issuer's own, never its sentence: that might repeat who paid."""

    outcome: Outcome
    told: Told | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDocument:
    """Bytes as they came, and what they say of themselves where we can read that."""

    body: bytes = field(repr=False)
    number: int | None = None
    amount: Money | None = None


class OutsideIssuer(Protocol):
    """Silence, and an answer that cannot be read, are UNKNOWN; nothing is raised for them."""

    @property
    def name(self) -> str: ...

    @property
    def owns_series(self) -> bool:
        """Whether nobody but us draws numbers of these series, so that none may be missing."""

    async def publish(self, order: OutsideOrder) -> OutsideAnswer: ...

    async def find(self, key: str, *, at: datetime) -> OutsideAnswer: ...

    async def replace(self, order: OutsideOrder) -> OutsideAnswer: ...

    async def adjust(self, order: OutsideOrder) -> OutsideAnswer: ...

    async def cancel(self, order: OutsideOrder) -> OutsideAnswer: ...

    async def fetch(
        self, key: str, told: Told, form: Form, *, issued_at: datetime
    ) -> OutsideDocument | None:
        """Their file of a receipt; None when there is none to be had now."""


Issuers = Mapping[str, OutsideIssuer]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    state: OrderState | None = None
    agencies: frozenset[str] | None = None
    before: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    open_only: bool = True
    agencies: frozenset[str] | None = None
    before: UUID | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many orders of an issuer are not done, and since when the oldest of them waits."""

    state: OrderState
    count: int
    oldest_at: datetime


class OutsideIssues(Protocol):
    def issuer_of(self, agency_code: str) -> str | None:
        """Who issues for this collecting body; None: we do."""

    async def add(self, issues: Sequence[OutsideIssue]) -> None: ...

    async def claim_due(
        self, issuer: str, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[OutsideIssue]:
        """What is due to be asked, now stored as asked, and lent to this caller until then."""

    async def get_for_update(self, issue_id: UUID) -> OutsideIssue: ...

    async def save(self, issue: OutsideIssue) -> None: ...

    async def is_taken(self, issue: OutsideIssue, told: Told) -> bool:
        """Whether this number was told to another order, or is a receipt's already."""

    async def find_of_amendment(self, amendment_id: UUID) -> OutsideIssue | None: ...

    async def find_of_receipt(self, receipt_id: UUID) -> OutsideIssue | None:
        """The order that a receipt came of."""

    async def open_series(self, issue: OutsideIssue, told: Told, *, now: datetime) -> None:
        """Their series stands among ours, so that a receipt can be of it."""

    async def claim_checks(
        self, issuer: str, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[OutsideIssue]: ...

    async def date_check(self, issue_id: UUID, due_at: datetime | None) -> None: ...

    async def list_corrections(self, receipt_id: UUID) -> Sequence[OutsideIssue]:
        """What the issuer was asked to do about a receipt, and did."""

    async def list_holes(
        self, issuer: str, *, since: datetime, before: datetime, limit: int
    ) -> Sequence[Hole]: ...

    async def list_backlog(self, issuer: str) -> Sequence[Backlog]: ...

    async def list_page(self, wanted: IssueFilter) -> Sequence[OutsideIssue]: ...


class OutsideFindings(Protocol):
    async def add_once(self, finding: Finding) -> bool:
        """False when the same is open already."""

    async def get_for_update(self, finding_id: UUID) -> Finding: ...

    async def close(self, finding: Finding) -> None: ...

    async def close_of_issue(self, issue_id: UUID, *, by: str, at: datetime) -> None: ...

    async def list_open(self, issuer: str, reason: FindingReason) -> Sequence[Finding]: ...

    async def count_open(self, issuer: str) -> Mapping[FindingReason, int]: ...

    async def list_page(self, wanted: FindingFilter) -> Sequence[Finding]: ...
