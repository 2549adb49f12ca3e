"""Stand-in for the port of refunds: the same promises as storage, kept in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.money import Money
from services.payment.domain.refunds.errors import UnknownRefund
from services.payment.domain.refunds.refund import (
    AWAITED,
    RELEASED,
    Refund,
    RefundStatus,
    Report,
    Requester,
)
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind
from services.payment.ports.refunds import RefundFilter


class FakeRefunds:
    """Money and refunds in dictionaries; the locks of storage are no part of it."""

    def __init__(self, *sources: RefundSource) -> None:
        self.sources = {(one.kind, one.id): one for one in sources}
        self.rows: dict[UUID, Refund] = {}
        self.alarmed: set[UUID] = set()

    async def find_source(self, kind: SourceKind, id: UUID) -> RefundSource | None:
        return self.sources.get((kind, id))

    async def add_once(self, refund: Refund) -> bool:
        if await self.find_asked(refund.requester):
            return False
        self.rows[refund.id] = refund
        return True

    async def find_asked(self, requester: Requester) -> Refund | None:
        return next((one for one in self.rows.values() if one.requester == requester), None)

    async def reserve(self, refund: Refund, *, seen: int) -> bool:
        source = self.sources[refund.source.kind, refund.source.id]
        left = source.available.minor_units
        if left != seen or refund.amount.minor_units > left:
            return False
        self._count(source, refund.amount)
        return True

    async def release(self, refund: Refund) -> None:
        source = self.sources[refund.source.kind, refund.source.id]
        self._count(source, Money(-refund.amount.minor_units, refund.amount.currency))

    async def taken(
        self, source: RefundSource, *, besides: UUID | None, limit: int
    ) -> Sequence[tuple[RefundLine, ...]]:
        holding = [
            one.lines
            for one in self.rows.values()
            if (one.source.kind, one.source.id) == (source.kind, source.id)
            and one.status not in RELEASED
            and one.id != besides
        ]
        return holding[:limit]

    async def get(self, refund_id: UUID) -> Refund:
        if refund_id not in self.rows:
            raise UnknownRefund
        return self.rows[refund_id]

    async def save(self, refund: Refund, *, leaving: RefundStatus) -> bool:
        stored = self.rows[refund.id]
        if stored.status is not leaving:
            return False
        self.rows[refund.id] = replace(refund, report=stored.report)
        return True

    async def save_report(self, refund_id: UUID, report: Report, *, status: RefundStatus) -> bool:
        if self.rows[refund_id].status is not status:
            return False
        self.rows[refund_id] = replace(self.rows[refund_id], report=report)
        return True

    async def claim_approved(self) -> Refund | None:
        waiting = sorted(one.id for one in self._in(frozenset({RefundStatus.APPROVED})))
        return self.rows[waiting[0]] if waiting else None

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[Refund]:
        due = [
            one
            for one in self._in(AWAITED)
            if one.next_enquiry_at is not None and one.next_enquiry_at <= now
        ]
        asked = [one.ask(at=now) for one in due[:limit]]
        self.rows |= {one.id: one for one in asked}
        return asked

    async def claim_alarms(
        self, *, sent_before: datetime, now: datetime, limit: int
    ) -> Sequence[Refund]:
        old = [one for one in self._sent(sent_before) if one.id not in self.alarmed][:limit]
        self.alarmed |= {one.id for one in old}
        return old

    async def count_awaited(self, *, sent_before: datetime) -> int:
        return len(self._sent(sent_before))

    async def list_page(self, wanted: RefundFilter) -> Sequence[Refund]:
        return sorted(self.rows.values(), key=lambda one: one.id, reverse=True)[: wanted.limit]

    def _in(self, states: frozenset[RefundStatus]) -> list[Refund]:
        return [one for one in self.rows.values() if one.status in states]

    def _sent(self, before: datetime) -> list[Refund]:
        return [one for one in self._in(AWAITED) if one.sending_at and one.sending_at <= before]

    def _count(self, source: RefundSource, amount: Money) -> None:
        counted = replace(source, refunded=source.refunded + amount)
        self.sources[source.kind, source.id] = counted
