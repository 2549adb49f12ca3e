"""Cases. Their money is guarded here: what it is used for is one conditional UPDATE on a row whose
CHECK holds all uses together, so of any number at once one wins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.discrepancies.discrepancy import (
    HANDLING,
    HOLDS_NO_MONEY,
    UNRESOLVED,
    Discrepancy,
    DiscrepancyStatus,
    Reason,
)
from services.payment.domain.discrepancies.errors import UnknownDiscrepancy
from services.payment.domain.discrepancies.worklist import Asked, CaseEvidence, HistoryEvent
from services.payment.ports.discrepancies import CaseFilter, Sight, Use
from services.payment.storage.discrepancies.rows import (
    asked_to_document,
    event_to_row,
    to_discrepancy,
    to_event,
    to_row,
)
from services.payment.storage.discrepancies.tables import DISCREPANCY, DISCREPANCY_EVENT
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION

_T: Final = DISCREPANCY.c
_E: Final = DISCREPANCY_EVENT.c
_N: Final = PROVIDER_NOTIFICATION.c
_I: Final = PAYMENT_INTENT.c
_ID: Final[BindParameter[UUID]] = bindparam("case_id")
_GET: Final = select(DISCREPANCY).where(_T.id == _ID)
_UNRESOLVED: Final = _T.status.in_(sorted(UNRESOLVED))
# Nothing of it has been refunded (or is about to be), applied or cleared.
UNTOUCHED: Final = and_(
    _T.refunded_minor_units == 0, _T.applied_minor_units == 0, _T.cleared_minor_units == 0
)
_WHOLE: Final = and_(_UNRESOLVED, UNTOUCHED, _T.reason.not_in(sorted(HOLDS_NO_MONEY)))
_USE: Final = {
    Use.APPLIED: update(DISCREPANCY)
    .where(_T.id == _ID, _WHOLE)
    .values(
        applied_minor_units=_T.received_minor_units, applied_to_intent_id=bindparam("intent_id")
    ),
    Use.CLEARED: update(DISCREPANCY)
    .where(_T.id == _ID, _WHOLE)
    .values(cleared_minor_units=_T.received_minor_units),
}
_OVERDUE: Final = and_(_UNRESOLVED, _T.due_at < bindparam("now"))


class SqlDiscrepancies:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, discrepancy: Discrepancy) -> None:
        await self._connection.execute(insert(DISCREPANCY), to_row(discrepancy))

    async def supersede(self, discrepancy_id: UUID) -> Discrepancy | None:
        was = await self.get_for_update(discrepancy_id)
        handling = HANDLING[Reason.CONTRADICTORY_NOTICE]
        moved = await self._change(
            discrepancy_id,
            and_(_UNRESOLVED, UNTOUCHED),
            reason=Reason.CONTRADICTORY_NOTICE,
            owner_role=handling.owner_role,
            proposed_refund_minor_units=None,
            asked=null(),
        )
        return was if moved and was.holds_money else None

    async def get(self, discrepancy_id: UUID) -> Discrepancy:
        return await self._get(_GET, discrepancy_id)

    async def get_for_update(self, discrepancy_id: UUID) -> Discrepancy:
        # The key stays what it is, so whoever adds a row that names this one need not wait: held
        # harder, two who then change it would wait for one another.
        return await self._get(_GET.with_for_update(key_share=True), discrepancy_id)

    async def get_evidence(self, discrepancy_id: UUID) -> CaseEvidence:
        word = (
            select(PROVIDER_NOTIFICATION)
            .join(DISCREPANCY, _T.provider_notification_id == _N.id)
            .where(_T.id == _ID)
        )
        row = (await self._connection.execute(word, {"case_id": discrepancy_id})).one()
        return CaseEvidence(
            notification_id=row.id,
            source=row.source,
            outcome=row.outcome,
            evidence_id=row.evidence_id,
            evidence_level=row.evidence_level,
            paid_at=row.paid_at,
            received_at=row.received_at,
        )

    async def find_account_agency(self, bank_bin: str | None, number: str | None) -> str | None:
        if bank_bin is None or number is None:
            return None
        # The ends of an index, so that it costs the same however many fees the account took.
        paid_to = and_(_I.payee_account_number == number, _I.payee_bank_bin == bank_bin)
        first, last = (
            select(end(_I.agency_code)).where(paid_to).scalar_subquery()
            for end in (func.min, func.max)
        )
        row = (await self._connection.execute(select(first.label("a"), last.label("b")))).one()
        return row.a if row.a == row.b else None

    async def list_page(self, wanted: CaseFilter) -> Sequence[Discrepancy]:
        latest = select(DISCREPANCY).order_by(_T.id.desc()).limit(wanted.limit)
        for column, value in (
            (_T.reason, wanted.reason),
            (_T.status, wanted.status),
            (_T.owner_role, wanted.owner_role),
            (_T.assignee, wanted.assignee),
            (_T.agency_code, wanted.agency_code),
            (_T.provider, wanted.provider),
        ):
            if value is not None:
                latest = latest.where(column == value)
        if wanted.overdue_at is not None:
            latest = latest.where(_UNRESOLVED, _T.due_at < wanted.overdue_at)
        if wanted.before is not None:
            latest = latest.where(_T.id < wanted.before)
        latest = latest.where(*_in_sight(wanted.sight))
        return [to_discrepancy(row) for row in await self._connection.execute(latest)]

    async def save_assigned(self, discrepancy_id: UUID, assignee: str | None) -> bool:
        status = DiscrepancyStatus.OPEN if assignee is None else DiscrepancyStatus.ASSIGNED
        return await self._change(discrepancy_id, _UNRESOLVED, assignee=assignee, status=status)

    async def save_asked(self, discrepancy_id: UUID, asked: Asked) -> bool:
        return await self._change(discrepancy_id, _UNRESOLVED, asked=asked_to_document(asked))

    async def use(self, discrepancy_id: UUID, use: Use, *, intent_id: UUID | None) -> bool:
        facts: dict[str, Any] = {"case_id": discrepancy_id}
        if use is Use.APPLIED:
            facts["intent_id"] = intent_id
        return (await self._connection.execute(_USE[use], facts)).rowcount == 1

    async def save_resolved(self, resolved: Discrepancy) -> bool:
        return await self._change(
            resolved.id,
            _UNRESOLVED,
            status=DiscrepancyStatus.RESOLVED,
            resolution=resolved.resolution,
            resolved_by=resolved.resolved_by,
            resolved_at=resolved.resolved_at,
            asked=null(),
        )

    async def save_reopened(self, discrepancy_id: UUID, *, due_at: datetime) -> bool:
        return await self._change(
            discrepancy_id,
            _T.status == DiscrepancyStatus.RESOLVED,
            status=DiscrepancyStatus.OPEN,
            assignee=None,
            resolution=None,
            resolved_by=None,
            resolved_at=None,
            due_at=due_at,
            overdue_said_at=None,
        )

    async def claim_overdue(self, *, now: datetime, limit: int) -> Sequence[Discrepancy]:
        unsaid = (
            select(DISCREPANCY)
            .where(_OVERDUE, _T.overdue_said_at.is_(None))
            .order_by(_T.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = [
            to_discrepancy(row) for row in await self._connection.execute(unsaid, {"now": now})
        ]
        said = update(DISCREPANCY).where(_T.id.in_([one.id for one in claimed]))
        if claimed:
            await self._connection.execute(said.values(overdue_said_at=now))
        return claimed

    async def count_overdue(self, *, now: datetime) -> int:
        counted = select(func.count()).select_from(DISCREPANCY).where(_OVERDUE)
        return await self._connection.scalar(counted, {"now": now}) or 0

    async def add_event(self, event: HistoryEvent) -> None:
        await self._connection.execute(insert(DISCREPANCY_EVENT), event_to_row(event))

    async def find_event(self, discrepancy_id: UUID, key: str) -> HistoryEvent | None:
        done = select(DISCREPANCY_EVENT).where(
            _E.discrepancy_id == discrepancy_id, _E.idempotency_key == key
        )
        row = (await self._connection.execute(done)).one_or_none()
        return None if row is None else to_event(row)

    async def list_events(self, discrepancy_id: UUID, *, limit: int) -> Sequence[HistoryEvent]:
        latest = (
            select(DISCREPANCY_EVENT)
            .where(_E.discrepancy_id == discrepancy_id)
            .order_by(_E.id.desc())
            .limit(limit)
        )
        return [to_event(row) for row in await self._connection.execute(latest)]

    async def _get(self, question: Any, discrepancy_id: UUID) -> Discrepancy:
        found = await self._connection.execute(question, {"case_id": discrepancy_id})
        row = found.one_or_none()
        if row is None:
            raise UnknownDiscrepancy
        return to_discrepancy(row)

    async def _change(
        self, discrepancy_id: UUID, while_: ColumnElement[bool], **values: Any
    ) -> bool:
        changed = update(DISCREPANCY).where(_T.id == discrepancy_id, while_).values(values)
        return (await self._connection.execute(changed)).rowcount == 1


def _in_sight(sight: Sight) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if sight.reach.client_id is not None:
        conditions.append(_T.client_id == sight.reach.client_id)
    if sight.reach.agencies is None:
        return conditions
    own = _T.agency_code.in_(sorted(sight.reach.agencies))
    credited = _T.account_agency_code.in_(sorted(sight.accounts_of))
    placeless = [credited, _T.account_agency_code.is_(None)] if sight.rest else [credited]
    conditions.append(or_(own, and_(_T.payment_intent_id.is_(None), or_(*placeless))))
    return conditions
