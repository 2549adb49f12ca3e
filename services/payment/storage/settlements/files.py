from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import vietnam_date
from services.payment.domain.errors import UnknownSettlementFile
from services.payment.domain.settlements.file import (
    FileFormat,
    FileState,
    Period,
    SettlementFile,
)
from services.payment.domain.settlements.row import (
    BadLine,
    BadLineReason,
    RowState,
    SettlementRow,
)
from services.payment.ports.settlements import Batch
from services.payment.storage.settlements.tables import (
    SETTLEMENT_BAD_LINE,
    SETTLEMENT_FILE,
    SETTLEMENT_ROW,
)

_F: Final = SETTLEMENT_FILE.c
_R: Final = SETTLEMENT_ROW.c
_B: Final = SETTLEMENT_BAD_LINE.c
# Only who stands where the last batch ended may add the next one.
_ADVANCE: Final = (
    update(SETTLEMENT_FILE)
    .where(
        _F.id == bindparam("file_id"),
        _F.state == FileState.LOADING,
        _F.lines_read == bindparam("from_line"),
    )
    .values(
        lines_read=bindparam("to_line"),
        row_count=_F.row_count + bindparam("more_rows"),
        bad_lines=_F.bad_lines + bindparam("more_bad_lines"),
    )
)


class SqlSettlementFiles:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin_once(self, file: SettlementFile) -> SettlementFile:
        postgresql = self._connection.dialect.name == "postgresql"
        insert_once = postgresql_insert if postgresql else sqlite_insert
        statement = insert_once(SETTLEMENT_FILE).on_conflict_do_nothing(
            index_elements=["provider", "sha256"]
        )
        await self._connection.execute(statement, _to_row(file))
        key = (_F.provider == file.provider, _F.sha256 == file.sha256)
        stored = to_file(
            (await self._connection.execute(select(SETTLEMENT_FILE).where(*key))).one()
        )
        return await self._begin_again(stored, file) if stored.refusal else stored

    async def _begin_again(self, stored: SettlementFile, file: SettlementFile) -> SettlementFile:
        values = _to_row(file) | {"id": stored.id}
        again = (
            update(SETTLEMENT_FILE)
            .where(_F.id == stored.id, _F.state == FileState.REFUSED)
            .values(**values)
        )
        if (await self._connection.execute(again)).rowcount == 1:
            await self._connection.execute(delete(SETTLEMENT_ROW).where(_R.file_id == stored.id))
            await self._connection.execute(
                delete(SETTLEMENT_BAD_LINE).where(_B.file_id == stored.id)
            )
        return await self.get(stored.id)

    async def get(self, file_id: UUID) -> SettlementFile:
        found = select(SETTLEMENT_FILE).where(_F.id == file_id)
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownSettlementFile(file_id)
        return to_file(row)

    async def add_batch(self, file: SettlementFile, batch: Batch) -> bool:
        moved = await self._connection.execute(
            _ADVANCE,
            {
                "file_id": file.id,
                "from_line": batch.from_line,
                "to_line": batch.to_line,
                "more_rows": len(batch.rows),
                "more_bad_lines": len(batch.bad_lines),
            },
        )
        if moved.rowcount != 1:
            return False
        if batch.rows:
            rows = [_row_values(file, row) for row in batch.rows]
            await self._connection.execute(insert(SETTLEMENT_ROW), rows)
        if batch.bad_lines:
            bad = [
                {"file_id": file.id, "line": one.line, "reason": one.reason, "raw": one.raw}
                for one in batch.bad_lines
            ]
            await self._connection.execute(insert(SETTLEMENT_BAD_LINE), bad)
        return True

    async def save_loaded(self, file_id: UUID, *, period: Period | None, at: datetime) -> bool:
        if period is None:
            days = select(func.min(_R.moved_on), func.max(_R.moved_on))
            first, last = (await self._connection.execute(days.where(_R.file_id == file_id))).one()
        else:
            first, last = period.first, period.last
        return await self._end(
            file_id, state=FileState.LOADED, loaded_at=at, period_first=first, period_last=last
        )

    async def save_refused(self, file_id: UUID, reason: str) -> bool:
        return await self._end(file_id, state=FileState.REFUSED, refusal=reason)

    async def _end(self, file_id: UUID, **values: Any) -> bool:
        ended = (
            update(SETTLEMENT_FILE)
            .where(_F.id == file_id, _F.state == FileState.LOADING)
            .values(**values)
        )
        return (await self._connection.execute(ended)).rowcount == 1

    async def list_unmatched(self, provider: str, *, limit: int) -> Sequence[SettlementFile]:
        waiting = (
            select(SETTLEMENT_FILE)
            .where(_F.provider == provider, _F.state == FileState.LOADED, _F.matched_at.is_(None))
            .order_by(_F.loaded_at, _F.id)
            .limit(limit)
        )
        return [to_file(row) for row in await self._connection.execute(waiting)]

    async def save_matched(self, file_id: UUID, *, at: datetime) -> None:
        await self._connection.execute(
            update(SETTLEMENT_FILE).where(_F.id == file_id).values(matched_at=at)
        )

    async def covers(self, provider: str, on: date) -> bool:
        covering = select(_F.id).where(
            _F.provider == provider,
            _F.state == FileState.LOADED,
            _F.period_first <= on,
            _F.period_last >= on,
        )
        return (await self._connection.execute(covering.limit(1))).first() is not None

    async def list_page(
        self, *, provider: str | None, before: UUID | None, limit: int
    ) -> Sequence[SettlementFile]:
        latest = select(SETTLEMENT_FILE).order_by(_F.id.desc()).limit(limit)
        if provider is not None:
            latest = latest.where(_F.provider == provider)
        if before is not None:
            latest = latest.where(_F.id < before)
        return [to_file(row) for row in await self._connection.execute(latest)]

    async def list_bad_lines(self, file_id: UUID, *, after: int, limit: int) -> Sequence[BadLine]:
        lines = (
            select(SETTLEMENT_BAD_LINE)
            .where(_B.file_id == file_id, _B.line > after)
            .order_by(_B.line)
            .limit(limit)
        )
        return [
            BadLine(line=row.line, reason=BadLineReason(row.reason), raw=row.raw)
            for row in await self._connection.execute(lines)
        ]


def _to_row(file: SettlementFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "provider": file.provider,
        "format": file.format,
        "sha256": file.sha256,
        "name": file.name,
        "size_bytes": file.size_bytes,
        "signed_by": file.signed_by,
        "state": file.state,
        "lines_read": file.lines_read,
        "row_count": file.rows,
        "bad_lines": file.bad_lines,
        "refusal": file.refusal,
        "loaded_by": file.loaded_by,
        "started_at": file.started_at,
    }


def to_file(row: Row[Any]) -> SettlementFile:
    return SettlementFile(
        id=row.id,
        provider=row.provider,
        format=FileFormat(row.format),
        sha256=row.sha256,
        name=row.name,
        size_bytes=row.size_bytes,
        signed_by=row.signed_by,
        loaded_by=row.loaded_by,
        started_at=row.started_at,
        state=FileState(row.state),
        lines_read=row.lines_read,
        rows=row.row_count,
        bad_lines=row.bad_lines,
        refusal=row.refusal,
        period=Period(row.period_first, row.period_last) if row.period_first else None,
        loaded_at=row.loaded_at,
    )


def _row_values(file: SettlementFile, row: SettlementRow) -> dict[str, Any]:
    return {
        "file_id": file.id,
        "line": row.line,
        "provider": file.provider,
        "movement": row.movement,
        "provider_reference": row.provider_reference,
        "order_reference": row.order_reference,
        "bill_reference": row.bill_reference,
        "amount_minor_units": row.amount.minor_units,
        "currency": row.amount.currency,
        "fee_minor_units": row.fee,
        "status": row.status,
        "moved_at": row.moved_at,
        "moved_on": vietnam_date(row.moved_at),
        "raw": row.raw,
        "state": RowState.NEW,
    }
