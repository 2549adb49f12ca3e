from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.settlements.difference import DifferenceKind, DifferenceState, OursKind
from services.payment.domain.settlements.row import RowState, StoredRow
from services.payment.storage.settlements.matching import to_settlement_row
from services.payment.storage.settlements.tables import SETTLEMENT_DIFFERENCE, SETTLEMENT_ROW

_R: Final = SETTLEMENT_ROW.c
_D: Final = SETTLEMENT_DIFFERENCE.c
# One open case stands for all of a row: what is asked here is whether there is any.
_CASE: Final = (
    select(func.min(_D.kind))
    .where(_D.file_id == _R.file_id, _D.line == _R.line, _D.state == DifferenceState.OPEN)
    .scalar_subquery()
)
_ROWS: Final = select(SETTLEMENT_ROW, _CASE.label("open_case")).order_by(_R.file_id, _R.line)


class SqlSettlementRows:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_of_day(
        self, provider: str, on: date, *, after: tuple[UUID, int] | None, limit: int
    ) -> Sequence[StoredRow]:
        rows = _ROWS.where(_R.provider == provider, _R.moved_on == on).limit(limit)
        if after is not None:
            file_id, line = after
            rows = rows.where(
                or_(_R.file_id > file_id, and_(_R.file_id == file_id, _R.line > line))
            )
        return [_to_stored(row) for row in await self._connection.execute(rows)]

    async def list_of_file(self, file_id: UUID, *, after: int, limit: int) -> Sequence[StoredRow]:
        rows = _ROWS.where(_R.file_id == file_id, _R.line > after).limit(limit)
        return [_to_stored(row) for row in await self._connection.execute(rows)]


def _to_stored(row: Row[Any]) -> StoredRow:
    return StoredRow(
        file_id=row.file_id,
        row=to_settlement_row(row),
        state=RowState(row.state),
        matched_kind=OursKind(row.matched_kind) if row.matched_kind else None,
        matched_id=row.matched_id,
        open_case=DifferenceKind(row.open_case) if row.open_case else None,
    )
