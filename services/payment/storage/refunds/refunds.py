"""Refunds. Each step is one conditional UPDATE on the state it leaves: of any number one wins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

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
from services.payment.storage.refunds.rows import CHANGING, changed, lines_of, to_refund, to_row
from services.payment.storage.refunds.sources import RELEASE, RESERVE, find_source
from services.payment.storage.refunds.tables import REFUND

_T: Final = REFUND.c
_KEY: Final = ("requested_by_kind", "requested_by", "idempotency_key")
_GET: Final = select(REFUND).where(_T.id == bindparam("refund_id"))
_ASKED: Final = select(REFUND).where(*(_T[name] == bindparam(name) for name in _KEY))
_SAVE: Final = (
    update(REFUND)
    .where(_T.id == bindparam("refund_id"), _T.status == bindparam("leaving"))
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
)
_REPORT: Final = update(REFUND).where(
    _T.id == bindparam("refund_id"), _T.status == bindparam("leaving")
)
_IS_AWAITED: Final = _T.status.in_(sorted(AWAITED))
_NEXT_APPROVED: Final = (
    select(REFUND)
    .where(_T.status == RefundStatus.APPROVED)
    .order_by(_T.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_ASK_AGAIN: Final = (
    update(REFUND)
    .where(_T.id == bindparam("refund_id"))
    .values(enquiries=bindparam("asked"), next_enquiry_at=bindparam("again_at"))
)


class SqlRefunds:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_source(self, kind: SourceKind, id: UUID) -> RefundSource | None:
        return await find_source(self._connection, kind, id)

    async def add_once(self, refund: Refund) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        # On PostgreSQL this waits for a transaction that holds the same key.
        statement = insert(REFUND).on_conflict_do_nothing(index_elements=_KEY)
        return (await self._connection.execute(statement, to_row(refund))).rowcount == 1

    async def find_asked(self, requester: Requester) -> Refund | None:
        key = {
            "requested_by_kind": requester.kind,
            "requested_by": requester.subject,
            "idempotency_key": requester.idempotency_key,
        }
        row = (await self._connection.execute(_ASKED, key)).one_or_none()
        return None if row is None else to_refund(row)

    async def reserve(self, refund: Refund, *, seen: int) -> bool:
        values = {"source_id": refund.source.id, "amount": refund.amount.minor_units, "seen": seen}
        taken = await self._connection.execute(RESERVE[refund.source.kind], values)
        return taken.rowcount == 1

    async def release(self, refund: Refund) -> None:
        values = {"source_id": refund.source.id, "amount": refund.amount.minor_units}
        await self._connection.execute(RELEASE[refund.source.kind], values)

    async def taken(
        self, source: RefundSource, *, besides: UUID | None, limit: int
    ) -> Sequence[tuple[RefundLine, ...]]:
        payment = source.kind is SourceKind.PAYMENT
        column = _T.payment_intent_id if payment else _T.discrepancy_id
        holding = (
            select(_T.lines, _T.currency)
            .where(column == source.id, _T.source_kind == source.kind)
            .where(_T.status.not_in(sorted(RELEASED)))
            .limit(limit)
        )
        if besides is not None:
            holding = holding.where(_T.id != besides)
        rows = await self._connection.execute(holding)
        return [lines_of(row.lines, row.currency) for row in rows]

    async def get(self, refund_id: UUID) -> Refund:
        row = (await self._connection.execute(_GET, {"refund_id": refund_id})).one_or_none()
        if row is None:
            raise UnknownRefund
        return to_refund(row)

    async def save(self, refund: Refund, *, leaving: RefundStatus) -> bool:
        values = {f"new_{name}": value for name, value in changed(refund).items()}
        where = {"refund_id": refund.id, "leaving": leaving}
        return (await self._connection.execute(_SAVE, values | where)).rowcount == 1

    async def save_report(self, refund_id: UUID, report: Report, *, status: RefundStatus) -> bool:
        values = {
            "refund_id": refund_id,
            "leaving": status,
            "reported_success": report.succeeded,
            "reported_reference": report.reference,
            "reported_by": report.by,
            "reported_at": report.at,
        }
        return (await self._connection.execute(_REPORT, values)).rowcount == 1

    async def claim_approved(self) -> Refund | None:
        row = (await self._connection.execute(_NEXT_APPROVED)).one_or_none()
        return None if row is None else to_refund(row)

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[Refund]:
        due = (
            select(REFUND)
            .where(_IS_AWAITED, _T.next_enquiry_at <= now)
            .order_by(_T.next_enquiry_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = [to_refund(row).ask(at=now) for row in await self._connection.execute(due)]
        if claimed:
            again = [
                {"refund_id": one.id, "asked": one.enquiries, "again_at": one.next_enquiry_at}
                for one in claimed
            ]
            await self._connection.execute(_ASK_AGAIN, again)
        return claimed

    async def claim_alarms(
        self, *, sent_before: datetime, now: datetime, limit: int
    ) -> Sequence[Refund]:
        old = (
            select(REFUND)
            .where(_IS_AWAITED, _T.alarmed_at.is_(None), _T.sending_at <= sent_before)
            .order_by(_T.sending_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = [to_refund(row) for row in await self._connection.execute(old)]
        if claimed:
            named = update(REFUND).where(_T.id.in_([one.id for one in claimed]))
            await self._connection.execute(named.values(alarmed_at=now))
        return claimed

    async def count_awaited(self, *, sent_before: datetime) -> int:
        old = select(func.count()).where(_IS_AWAITED, _T.sending_at <= sent_before)
        return int(await self._connection.scalar(old) or 0)

    async def list_page(self, wanted: RefundFilter) -> Sequence[Refund]:
        latest = select(REFUND).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.reach.client_id is not None:
            latest = latest.where(_T.client_id == wanted.reach.client_id)
        if wanted.reach.agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(wanted.reach.agencies)))
        for column, value in (
            (_T.status, wanted.status),
            (_T.payment_intent_id, wanted.payment_intent_id),
            (_T.discrepancy_id, wanted.discrepancy_id),
            (_T.dossier_id, wanted.dossier_id),
        ):
            if value is not None:
                latest = latest.where(column == value)
        if wanted.before is not None:
            latest = latest.where(_T.id < wanted.before)
        return [to_refund(row) for row in await self._connection.execute(latest)]
