"""A citizen's file: what was asked, of whom, at what fee, and where it stands."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.dossier.domain.catalog import Channel, DayKind, PayerType
from services.dossier.domain.errors import IllegalTransition
from services.dossier.domain.fee import Fee
from services.dossier.domain.state import ALLOWED, State


class Reason(StrEnum):
    """Why a dossier moved, for machines; state names are for people."""

    FEE_DUE = "fee_due"
    NO_FEE_DUE = "no_fee_due"
    FEE_PAID = "fee_paid"
    RECEIPTS_ISSUED = "receipts_issued"
    WORK_BEGUN = "work_begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Personal data: stays in this service's database and leaves it only sealed."""

    full_name: str
    identity_number: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureSeen:
    """The procedure as it was called on the day of submission."""

    code: str
    name: str
    processing_days: int | None
    processing_day_kind: DayKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencySeen:
    code: str
    name: str
    address: str
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move of a dossier. Positions count from 1 and have no gap."""

    position: int
    from_state: State
    to_state: State
    reason: Reason
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    id: UUID
    code: str
    client_id: str
    procedure: ProcedureSeen
    agency: AgencySeen
    channel: Channel
    payer_type: PayerType
    case_code: str | None
    fee: Fee
    submitted_at: datetime
    state: State = State.REGISTERED
    # How many steps it has made: the guard of every conditional change.
    steps_made: int = 0

    def move_to(self, state: State, reason: Reason, *, at: datetime) -> tuple[Self, Step]:
        if state not in ALLOWED[self.state]:
            raise IllegalTransition(self.id, current=self.state, wanted=state)
        step = Step(
            position=self.steps_made + 1,
            from_state=self.state,
            to_state=state,
            reason=reason,
            changed_at=at,
        )
        return replace(self, state=state, steps_made=step.position), step
