from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.discrepancies.discrepancy import (
    Discrepancy,
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)
from services.payment.domain.discrepancies.worklist import Asked, CaseEvidence, HistoryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which cases somebody sees: those in reach, and, for who answers for accounts, money of
    nobody that came to an account of `accounts_of`; `rest`: also what came to no known one."""

    reach: Reach
    accounts_of: frozenset[str] = frozenset()
    rest: bool = False

    def covers(self, case: Discrepancy) -> bool:
        if self.reach.covers(client_id=case.client_id, agency_code=case.agency_code):
            return True
        if case.payment_intent_id is not None or self.reach.client_id is not None:
            return False
        if case.account_agency_code is None:
            return self.rest
        return case.account_agency_code in self.accounts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases: those in sight, and of these the ones that fit whatever is given."""

    sight: Sight
    reason: Reason | None = None
    status: DiscrepancyStatus | None = None
    owner_role: OwnerRole | None = None
    assignee: str | None = None
    # Not resolved, and due before this.
    overdue_at: datetime | None = None
    agency_code: str | None = None
    provider: str | None = None
    before: UUID | None = None
    limit: int = 50


class Use(StrEnum):
    APPLIED = "applied"
    CLEARED = "cleared"


class Discrepancies(Protocol):
    async def add(self, discrepancy: Discrepancy) -> None: ...

    async def supersede(self, discrepancy_id: UUID) -> Discrepancy | None:
        """Turn an unresolved case whose money is untouched into a contradictory one that holds
        none; the case as it was. None when somebody has acted on it already."""

    async def get(self, discrepancy_id: UUID) -> Discrepancy:
        """Raises UnknownDiscrepancy."""

    async def get_for_update(self, discrepancy_id: UUID) -> Discrepancy:
        """Held until the transaction ends. Raises UnknownDiscrepancy."""

    async def get_evidence(self, discrepancy_id: UUID) -> CaseEvidence: ...

    async def find_account_agency(self, bank_bin: str | None, number: str | None) -> str | None:
        """The one agency whose fees are paid to this account; None when none or several are."""

    async def list_page(self, wanted: CaseFilter) -> Sequence[Discrepancy]:
        """The latest first."""

    async def save_assigned(self, discrepancy_id: UUID, assignee: str | None) -> bool:
        """False when the case is resolved."""

    async def save_asked(self, discrepancy_id: UUID, asked: Asked) -> bool:
        """False when the case is resolved."""

    async def use(self, discrepancy_id: UUID, use: Use, *, intent_id: UUID | None) -> bool:
        """Use up all the money, if all of it is still there and nothing is resolved."""

    async def save_resolved(self, resolved: Discrepancy) -> bool:
        """False when it was resolved before."""

    async def save_reopened(self, discrepancy_id: UUID, *, due_at: datetime) -> bool:
        """False unless it was resolved."""

    async def claim_overdue(self, *, now: datetime, limit: int) -> Sequence[Discrepancy]:
        """Unresolved cases past their deadline, each named once for each deadline it had."""

    async def count_overdue(self, *, now: datetime) -> int: ...

    async def add_event(self, event: HistoryEvent) -> None: ...

    async def find_event(self, discrepancy_id: UUID, key: str) -> HistoryEvent | None:
        """What was done to the case under this Idempotency-Key."""

    async def list_events(self, discrepancy_id: UUID, *, limit: int) -> Sequence[HistoryEvent]:
        """The latest first."""
