"""What every deed on a case has in common: who does it, once, and that it is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import OnDuty
from chassis.idempotency import KeyReused
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.errors import UnknownDiscrepancy
from services.payment.domain.discrepancies.worklist import SYSTEM, EventKind, HistoryEvent
from services.payment.ports.discrepancies import Sight
from services.payment.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One request of one person about one case, and the key under which it is done once."""

    discrepancy_id: UUID
    by: OnDuty
    sight: Sight
    note: str | None
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What doing it takes; the transaction is running."""

    uow: UnitOfWork
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    case: Discrepancy
    is_repeat: bool = field(default=False)


async def take_case(deed: Deed, *, shop: Workshop) -> Taken:
    """Hold the case until the end. A repeat has been done already. Raises UnknownDiscrepancy for
    a case out of sight, and KeyReused."""
    case = await shop.uow.discrepancies.get_for_update(deed.discrepancy_id)
    if not deed.sight.covers(case):
        raise UnknownDiscrepancy
    done = await shop.uow.discrepancies.find_event(case.id, deed.key)
    if done is None:
        return Taken(case=case)
    if done.request_fingerprint != deed.fingerprint:
        raise KeyReused
    return Taken(case=case, is_repeat=True)


async def remember(
    deed: Deed, kind: EventKind, *, shop: Workshop, facts: Mapping[str, Any] | None = None
) -> None:
    await shop.uow.discrepancies.add_event(
        HistoryEvent(
            id=shop.ids.new(),
            discrepancy_id=deed.discrepancy_id,
            kind=kind,
            by=deed.by.subject,
            at=shop.clock.now(),
            note=deed.note,
            facts=facts or {},
            idempotency_key=deed.key,
            request_fingerprint=deed.fingerprint,
        )
    )


async def remember_ourselves(
    discrepancy_id: UUID,
    kind: EventKind,
    *,
    shop: Workshop,
    note: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """What nobody did: it happened."""
    await shop.uow.discrepancies.add_event(
        HistoryEvent(
            id=shop.ids.new(),
            discrepancy_id=discrepancy_id,
            kind=kind,
            by=SYSTEM,
            at=shop.clock.now(),
            note=note,
            facts=facts or {},
        )
    )
