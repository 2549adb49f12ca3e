from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.intents.payment_intent import Status
from services.payment.domain.receipting.gap import (
    FeeAndReceipts,
    GapReason,
    ReceiptGap,
    ReceiptNote,
    receipts_expected,
)
from services.payment.ports.receipting import GapFilter
from services.payment.storage.intents.rows import to_lines
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.receipting.tables import RECEIPT_GAP, RECEIPT_NOTE, RECEIPT_WATCH

_I: Final = PAYMENT_INTENT.c
_N: Final = RECEIPT_NOTE.c
_G: Final = RECEIPT_GAP.c
_SETTLED: Final = _I.status == Status.SUCCEEDED
_HEARD: Final = (
    select(func.count()).where(_N.payment_intent_id == _I.id).correlate(PAYMENT_INTENT)
).scalar_subquery()
_FEES: Final = select(
    _I.id, _I.agency_code, _I.status, _I.succeeded_at, _I.lines, _I.currency, _HEARD.label("heard")
)
_ONLY: Final = 1


class SqlReceiptWatch:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_note(self, note: ReceiptNote) -> None:
        row = {
            "receipt_id": note.receipt_id,
            "payment_intent_id": note.payment_intent_id,
            "agency_code": note.agency_code,
            "issued_at": note.issued_at,
        }
        await self._connection.execute(self._insert(RECEIPT_NOTE).on_conflict_do_nothing(), row)

    async def get_watched_until(self) -> datetime | None:
        # Two watchers look at the same and find the same: nothing needs to be locked.
        found = await self._connection.execute(select(RECEIPT_WATCH.c.watched_until))
        return found.scalar_one_or_none()

    async def set_watched_until(self, moment: datetime) -> None:
        told = self._insert(RECEIPT_WATCH).values(id=_ONLY, watched_until=moment)
        later = RECEIPT_WATCH.c.watched_until < moment
        await self._connection.execute(
            told.on_conflict_do_update(
                index_elements=["id"], set_={"watched_until": moment}, where=later
            )
        )

    async def list_settled(
        self, *, after: datetime, until: datetime, behind: UUID | None, limit: int
    ) -> Sequence[FeeAndReceipts]:
        later = _I.succeeded_at > after
        if behind is not None:
            later = or_(later, and_(_I.succeeded_at == after, _I.id > behind))
        earliest = (
            _FEES.where(_SETTLED, _I.succeeded_at >= after, later, _I.succeeded_at <= until)
            .order_by(_I.succeeded_at, _I.id)
            .limit(limit)
        )
        return await self._fees(earliest)

    async def list_fees(self, payment_intent_ids: Collection[UUID]) -> Sequence[FeeAndReceipts]:
        known = await self._fees(_FEES.where(_I.id.in_(payment_intent_ids)))
        unknown = set(payment_intent_ids) - {fee.payment_intent_id for fee in known}
        counted = (
            select(_N.payment_intent_id, func.min(_N.agency_code).label("agency_code"))
            .add_columns(func.count().label("heard"))
            .where(_N.payment_intent_id.in_(unknown))
            .group_by(_N.payment_intent_id)
        )
        rows = (await self._connection.execute(counted)).all() if unknown else []
        return [
            *known,
            *(
                FeeAndReceipts(
                    payment_intent_id=row.payment_intent_id,
                    agency_code=row.agency_code,
                    settled_at=None,
                    expected=0,
                    heard=row.heard,
                )
                for row in rows
            ),
        ]

    async def list_open(self, *, limit: int) -> Sequence[ReceiptGap]:
        longest = select(RECEIPT_GAP).where(_G.closed_at.is_(None)).order_by(_G.id).limit(limit)
        return [_to_gap(row) for row in (await self._connection.execute(longest)).mappings()]

    async def add_gap(self, gap: ReceiptGap) -> bool:
        row = {
            "id": gap.id,
            "payment_intent_id": gap.payment_intent_id,
            "agency_code": gap.agency_code,
            "reason": gap.reason,
            "expected": gap.expected,
            "heard": gap.heard,
            "settled_at": gap.settled_at,
            "found_at": gap.found_at,
        }
        added = self._insert(RECEIPT_GAP).on_conflict_do_nothing()
        return (await self._connection.execute(added, row)).rowcount == 1

    async def close_gaps_of(self, fee: FeeAndReceipts, *, at: datetime) -> None:
        closing = update(RECEIPT_GAP).where(
            _G.payment_intent_id == fee.payment_intent_id, _G.closed_at.is_(None)
        )
        if fee.reason is not None:
            closing = closing.where(_G.reason != fee.reason)
        await self._connection.execute(closing.values(closed_at=at))

    async def close_gaps(self, gap_ids: Collection[UUID], *, at: datetime) -> None:
        if gap_ids:
            closing = update(RECEIPT_GAP).where(_G.id.in_(gap_ids), _G.closed_at.is_(None))
            await self._connection.execute(closing.values(closed_at=at))

    async def count_open(self) -> Mapping[GapReason, int]:
        counted = (
            select(_G.reason, func.count().label("open"))
            .where(_G.closed_at.is_(None))
            .group_by(_G.reason)
        )
        rows = (await self._connection.execute(counted)).all()
        found = {GapReason(row.reason): row.open for row in rows}
        return {reason: found.get(reason, 0) for reason in GapReason}

    async def list_page(self, wanted: GapFilter) -> Sequence[ReceiptGap]:
        latest = select(RECEIPT_GAP).order_by(_G.id.desc()).limit(wanted.limit)
        if wanted.reach.agencies is not None:
            latest = latest.where(_G.agency_code.in_(sorted(wanted.reach.agencies)))
        if wanted.reason is not None:
            latest = latest.where(_G.reason == wanted.reason)
        if wanted.open_only:
            latest = latest.where(_G.closed_at.is_(None))
        if wanted.before is not None:
            latest = latest.where(_G.id < wanted.before)
        return [_to_gap(row) for row in (await self._connection.execute(latest)).mappings()]

    async def _fees(self, query: Select[Any]) -> Sequence[FeeAndReceipts]:
        return [_to_fee(row) for row in (await self._connection.execute(query)).mappings()]

    def _insert(self, table: Any) -> Any:
        if self._connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)


def _to_fee(row: RowMapping) -> FeeAndReceipts:
    settled = row["status"] == Status.SUCCEEDED
    lines = to_lines(row["lines"], currency=row["currency"])
    return FeeAndReceipts(
        payment_intent_id=row["id"],
        agency_code=row["agency_code"],
        settled_at=row["succeeded_at"] if settled else None,
        expected=receipts_expected(lines, agency_code=row["agency_code"]),
        heard=row["heard"],
    )


def _to_gap(row: RowMapping) -> ReceiptGap:
    return ReceiptGap(
        id=row["id"],
        payment_intent_id=row["payment_intent_id"],
        agency_code=row["agency_code"],
        reason=GapReason(row["reason"]),
        expected=row["expected"],
        heard=row["heard"],
        settled_at=row["settled_at"],
        found_at=row["found_at"],
        closed_at=row["closed_at"],
    )
