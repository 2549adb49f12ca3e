"""Where a provider's statement and our books disagree: named, owned, due, with its history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import OwnerRole

BASIS_POINTS: Final = 10_000


class OursKind(StrEnum):
    """What a row is matched to; HELD is money on a discrepancy's desk."""

    PAYMENT = "payment"
    REFUND = "refund"
    HELD = "held"


class DifferenceKind(StrEnum):
    MISSING_AT_PROVIDER = "missing_at_provider"
    MISSING_HERE = "missing_here"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    STATUS_DIFFERS = "status_differs"
    DUPLICATE_ROW = "duplicate_row"
    FEE_DIFFERS = "fee_differs"


class DifferenceState(StrEnum):
    """EXPLAINED: both sides agree by now; SIGNED_OFF: a person accepted it, with a reason."""

    OPEN = "open"
    EXPLAINED = "explained"
    SIGNED_OFF = "signed_off"


# What a person closed opens again only when the facts are others than those they saw.
ALLOWED: Final[Mapping[DifferenceState, frozenset[DifferenceState]]] = {
    DifferenceState.OPEN: frozenset({DifferenceState.EXPLAINED, DifferenceState.SIGNED_OFF}),
    DifferenceState.EXPLAINED: frozenset({DifferenceState.OPEN}),
    DifferenceState.SIGNED_OFF: frozenset({DifferenceState.OPEN}),
}


@dataclass(frozen=True, slots=True)
class DifferenceHandling:
    owner_role: OwnerRole
    within: timedelta


HANDLING: Final[Mapping[DifferenceKind, DifferenceHandling]] = {
    # Money that should be on its way to us, or that is here and nobody's: first of all.
    DifferenceKind.MISSING_AT_PROVIDER: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=2)),
    DifferenceKind.MISSING_HERE: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=2)),
    DifferenceKind.AMOUNT_DIFFERS: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=3)),
    DifferenceKind.CURRENCY_DIFFERS: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=3)),
    DifferenceKind.STATUS_DIFFERS: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=2)),
    DifferenceKind.DUPLICATE_ROW: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=3)),
    DifferenceKind.FEE_DIFFERS: DifferenceHandling(OwnerRole.ACCOUNTANT, timedelta(days=10)),
}


@dataclass(frozen=True, slots=True)
class FeeRate:
    """What a provider may keep of an amount, rounded half up; off by `tolerance` is the same."""

    basis_points: int
    fixed: int = 0
    tolerance: int = 0

    def of(self, amount: int) -> int:
        return (amount * self.basis_points + BASIS_POINTS // 2) // BASIS_POINTS + self.fixed


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The facts of one side, as far as it has any."""

    amount: int | None = None
    currency: str | None = None
    status: str | None = None
    fee: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a difference is about: a row, something of ours, or both that were matched."""

    provider: str
    on: date
    provider_reference: str
    file_id: UUID | None = None
    line: int | None = None
    ours_kind: OursKind | None = None
    ours_id: UUID | None = None
    agency_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDifference:
    """As the comparison sees it now. `known_as` names the case that is already on record."""

    kind: DifferenceKind
    subject: Subject
    theirs: Side
    ours: Side
    known_as: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    id: UUID
    kind: DifferenceKind
    subject: Subject
    theirs: Side
    ours: Side
    found_at: datetime
    due_at: datetime
    owner_role: OwnerRole
    state: DifferenceState = DifferenceState.OPEN


class Step(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    EXPLAINED = "explained"
    SIGNED_OFF = "signed_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceStep:
    """One line of a difference's history; `by` is empty where nobody acted."""

    id: UUID
    difference_id: UUID
    step: Step
    by: str | None
    reason: str | None
    at: datetime
    theirs: Side
    ours: Side


def difference_of(found: FoundDifference, *, id: UUID, found_at: datetime) -> Difference:
    handling = HANDLING[found.kind]
    return Difference(
        id=id,
        kind=found.kind,
        subject=found.subject,
        theirs=found.theirs,
        ours=found.ours,
        found_at=found_at,
        due_at=found_at + handling.within,
        owner_role=handling.owner_role,
    )
