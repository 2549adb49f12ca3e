"""The port of discrepancies, kept in lists."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import (
    UNRESOLVED,
    Discrepancy,
    DiscrepancyStatus,
    Reason,
)
from services.payment.domain.discrepancies.errors import UnknownDiscrepancy
from services.payment.domain.discrepancies.worklist import Asked, CaseEvidence, HistoryEvent
from services.payment.ports.discrepancies import CaseFilter, Use


class FakeDiscrepancies:
    def __init__(self) -> None:
        self.rows: list[Discrepancy] = []
        self.events: list[HistoryEvent] = []

    async def add(self, discrepancy: Discrepancy) -> None:
        self.rows.append(discrepancy)

    async def supersede(self, discrepancy_id: UUID) -> Discrepancy | None:
        was = await self.get(discrepancy_id)
        if was.status not in UNRESOLVED or was.held != was.received:
            return None
        self._save(replace(was, reason=Reason.CONTRADICTORY_NOTICE, proposed_refund=None))
        return was

    async def get(self, discrepancy_id: UUID) -> Discrepancy:
        for one in self.rows:
            if one.id == discrepancy_id:
                return one
        raise UnknownDiscrepancy

    async def get_for_update(self, discrepancy_id: UUID) -> Discrepancy:
        return await self.get(discrepancy_id)

    async def get_evidence(self, discrepancy_id: UUID) -> CaseEvidence:
        raise AssertionError("what a case rests on is tested on the databases")

    async def find_account_agency(self, bank_bin: str | None, number: str | None) -> str | None:
        return None

    async def list_page(self, wanted: CaseFilter) -> Sequence[Discrepancy]:
        latest = sorted(self.rows, key=lambda one: one.id, reverse=True)
        before = wanted.before
        return [
            one
            for one in latest
            if wanted.sight.covers(one) and (before is None or one.id < before)
        ][: wanted.limit]

    async def save_assigned(self, discrepancy_id: UUID, assignee: str | None) -> bool:
        status = DiscrepancyStatus.OPEN if assignee is None else DiscrepancyStatus.ASSIGNED
        case = await self.get(discrepancy_id)
        return self._save_unresolved(replace(case, assignee=assignee, status=status))

    async def save_asked(self, discrepancy_id: UUID, asked: Asked) -> bool:
        return self._save_unresolved(replace(await self.get(discrepancy_id), asked=asked))

    async def use(self, discrepancy_id: UUID, use: Use, *, intent_id: UUID | None) -> bool:
        case = await self.get(discrepancy_id)
        if case.held != case.received:
            return False
        whole = case.received.minor_units
        applied = use is Use.APPLIED
        return self._save_unresolved(
            replace(case, applied_minor_units=whole, applied_to_intent_id=intent_id)
            if applied
            else replace(case, cleared_minor_units=whole)
        )

    async def save_resolved(self, resolved: Discrepancy) -> bool:
        return self._save_unresolved(resolved)

    async def save_reopened(self, discrepancy_id: UUID, *, due_at: datetime) -> bool:
        case = await self.get(discrepancy_id)
        if case.status is not DiscrepancyStatus.RESOLVED:
            return False
        self._save(replace(case, status=DiscrepancyStatus.OPEN, due_at=due_at, resolution=None))
        return True

    async def claim_overdue(self, *, now: datetime, limit: int) -> Sequence[Discrepancy]:
        return [one for one in self.rows if one.is_overdue(now)][:limit]

    async def count_overdue(self, *, now: datetime) -> int:
        return sum(one.is_overdue(now) for one in self.rows)

    async def add_event(self, event: HistoryEvent) -> None:
        self.events.append(event)

    async def find_event(self, discrepancy_id: UUID, key: str) -> HistoryEvent | None:
        for one in self.events:
            if (one.discrepancy_id, one.idempotency_key) == (discrepancy_id, key):
                return one
        return None

    async def list_events(self, discrepancy_id: UUID, *, limit: int) -> Sequence[HistoryEvent]:
        mine = [one for one in self.events if one.discrepancy_id == discrepancy_id]
        return mine[::-1][:limit]

    def _save_unresolved(self, case: Discrepancy) -> bool:
        stored = next(one for one in self.rows if one.id == case.id)
        if stored.status not in UNRESOLVED:
            return False
        self._save(case)
        return True

    def _save(self, case: Discrepancy) -> None:
        self.rows = [case if one.id == case.id else one for one in self.rows]
