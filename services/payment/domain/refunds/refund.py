"""Money on its way back: asked for, agreed to, sent once, and followed until it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.payment.domain.errors import IllegalTransition
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind


class RefundStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENDING = "sending"
    PENDING = "pending"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# Once it may be with the provider, only a positive word ends it: not knowing is not failing.
ALLOWED: Final[Mapping[RefundStatus, frozenset[RefundStatus]]] = {
    RefundStatus.REQUESTED: frozenset(
        {RefundStatus.APPROVED, RefundStatus.REJECTED, RefundStatus.WITHDRAWN}
    ),
    RefundStatus.APPROVED: frozenset({RefundStatus.SENDING, RefundStatus.WITHDRAWN}),
    RefundStatus.SENDING: frozenset(
        {
            RefundStatus.SUCCEEDED,
            RefundStatus.FAILED,
            RefundStatus.PENDING,
            RefundStatus.UNKNOWN,
        }
    ),
    RefundStatus.PENDING: frozenset(
        {RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.UNKNOWN}
    ),
    RefundStatus.UNKNOWN: frozenset(
        {RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.PENDING}
    ),
    RefundStatus.SUCCEEDED: frozenset(),
    RefundStatus.FAILED: frozenset(),
    RefundStatus.REJECTED: frozenset(),
    RefundStatus.WITHDRAWN: frozenset(),
}
# These gave their part back to what can be refunded; every other state holds on to it.
RELEASED: Final = frozenset({RefundStatus.FAILED, RefundStatus.REJECTED, RefundStatus.WITHDRAWN})
# Sent, and not yet known how it ended.
AWAITED: Final = frozenset({RefundStatus.SENDING, RefundStatus.PENDING, RefundStatus.UNKNOWN})
# From here on the books owe the money to the payer.
OWED: Final = frozenset({RefundStatus.APPROVED, *AWAITED})

ENQUIRY_DELAYS: Final = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
ALARM_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asked, and by which promise of a repeat: a client by its key, an officer by theirs."""

    kind: str
    subject: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person says became of a refund, where no provider can be asked."""

    succeeded: bool
    reference: str | None
    by: str
    at: datetime

    def says_as(self, other: "Report") -> bool:
        return (self.succeeded, self.reference) == (other.succeeded, other.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The provider's last usable word about a refund."""

    raw: bytes = field(repr=False)
    proof: Mapping[str, str] | None
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """`by_hand`: no provider carries it out, an accountant does and reports it.

    `account_sealed`: where it goes when not back the way it came. `decided_by` is None for a
    refund that was approved by its small amount, up to `automatic_up_to`.
    """

    id: UUID
    source: RefundSource
    amount: Money
    lines: tuple[RefundLine, ...]
    reason: str
    requester: Requester
    # Equal for requests that ask for the same.
    fingerprint: str
    requested_at: datetime
    account_sealed: str | None = field(default=None, repr=False)
    status: RefundStatus = RefundStatus.REQUESTED
    automatic_up_to: Money | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    sending_at: datetime | None = None
    by_hand: bool = False
    enquiries: int = 0
    next_enquiry_at: datetime | None = None
    report: Report | None = None
    evidence: Evidence | None = None
    provider_reference: str | None = None
    failure: str | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def reference(self) -> str:
        """Our name for it at the provider: saying it twice is one refund."""
        return self.id.hex

    @property
    def discrepancy_id(self) -> UUID | None:
        return self.source.id if self.source.kind is SourceKind.DISCREPANCY else None

    def move_to(self, status: RefundStatus) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Refund {self.id}", current=self.status, wanted=status)
        return replace(self, status=status)

    def approve(self, *, by: str, at: datetime) -> Self:
        return replace(self.move_to(RefundStatus.APPROVED), decided_by=by, decided_at=at)

    def approve_as_small(self, *, up_to: Money, at: datetime) -> Self:
        return replace(self.move_to(RefundStatus.APPROVED), automatic_up_to=up_to, decided_at=at)

    def reject(self, *, by: str, at: datetime) -> Self:
        ended = replace(self.move_to(RefundStatus.REJECTED), decided_by=by, decided_at=at)
        return replace(ended, ended_by=by, ended_at=at)

    def withdraw(self, *, by: str, at: datetime) -> Self:
        return replace(self.move_to(RefundStatus.WITHDRAWN), ended_by=by, ended_at=at)

    def send(self, *, at: datetime) -> Self:
        """From here on it may be with the provider, whatever becomes of us."""
        return replace(
            self.move_to(RefundStatus.SENDING),
            sending_at=at,
            next_enquiry_at=next_enquiry(now=at, enquiries=0),
        )

    def leave_to_people(self) -> Self:
        return replace(self.move_to(RefundStatus.PENDING), by_hand=True, next_enquiry_at=None)

    def ask(self, *, at: datetime) -> Self:
        """About to be asked about; the next question is planned before this one is answered."""
        asked = self.enquiries + 1
        return replace(self, enquiries=asked, next_enquiry_at=next_enquiry(now=at, enquiries=asked))

    def wait(self, status: RefundStatus, *, asking: bool) -> Self:
        """Not known yet; `asking` False: nobody but a person can find out."""
        moved = self if status is self.status else self.move_to(status)
        return moved if asking else replace(moved, next_enquiry_at=None)

    def succeed(self, *, reference: str | None, by: str | None = None, at: datetime) -> Self:
        moved = self.move_to(RefundStatus.SUCCEEDED)
        return replace(
            moved, provider_reference=reference, ended_by=by, ended_at=at, next_enquiry_at=None
        )

    def fail(self, *, failure: str | None, by: str | None = None, at: datetime) -> Self:
        moved = self.move_to(RefundStatus.FAILED)
        return replace(moved, failure=failure, ended_by=by, ended_at=at, next_enquiry_at=None)

    def waits_for_people(self, now: datetime) -> bool:
        """No provider can be asked, or for a day none has given a usable answer."""
        if self.status not in AWAITED or self.sending_at is None:
            return False
        return self.next_enquiry_at is None or now - self.sending_at >= ALARM_AFTER

    def is_ended_by(self, report: Report) -> bool:
        """What was to be done by hand, by one word; what a provider was told, by two people's."""
        first = self.report
        return self.by_hand or (
            first is not None and first.by != report.by and first.says_as(report)
        )

    def as_created(self) -> Self:
        """As its request was answered, whatever came later."""
        fresh = replace(
            self,
            status=RefundStatus.REQUESTED,
            decided_by=None,
            decided_at=None,
            sending_at=None,
            by_hand=False,
            report=None,
            provider_reference=None,
            failure=None,
            ended_by=None,
            ended_at=None,
        )
        if self.automatic_up_to is None:
            return fresh
        return fresh.approve_as_small(up_to=self.automatic_up_to, at=self.requested_at)


def next_enquiry(*, now: datetime, enquiries: int) -> datetime:
    return now + ENQUIRY_DELAYS[min(enquiries, len(ENQUIRY_DELAYS) - 1)]
