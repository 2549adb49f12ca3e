from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.keeping.errors import KeepingFindingNotFound
from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason, KeepingState
from services.receipt.ports.keeping import FindingFilter
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.keeping.rows import finding_row, to_finding
from services.receipt.storage.keeping.tables import KEEPING_FINDING

_F: Final = KEEPING_FINDING.c
_ONCE: Final = InsertOnce(KEEPING_FINDING)
_IN_STATE: Final = {
    KeepingState.OPEN: (_F.repaired_at.is_(None), _F.closed_at.is_(None)),
    KeepingState.REPAIRED: (_F.repaired_at.is_not(None), _F.closed_at.is_(None)),
    KeepingState.CLOSED: (_F.closed_at.is_not(None),),
}


class SqlKeepingFindings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, finding: KeepingFinding) -> bool:
        return await _ONCE.run(self._connection, finding_row(finding))

    async def get_for_update(self, finding_id: UUID) -> KeepingFinding:
        locked = select(KEEPING_FINDING).where(_F.id == finding_id).with_for_update()
        row = (await self._connection.execute(locked)).mappings().one_or_none()
        if row is None:
            raise KeepingFindingNotFound
        return to_finding(row)

    async def close(self, finding: KeepingFinding) -> None:
        closed = update(KEEPING_FINDING).where(_F.id == finding.id, _F.closed_at.is_(None))
        values = {
            "closed_at": finding.closed_at,
            "closed_by": finding.closed_by,
            "note": finding.note,
        }
        await self._connection.execute(closed.values(values))

    async def mark_repaired(
        self, sha256: str, *, at: datetime, but: Collection[KeepingReason] = ()
    ) -> None:
        repaired = update(KEEPING_FINDING).where(
            _F.sha256 == sha256,
            _F.reason.not_in([one.value for one in but]),
            *_IN_STATE[KeepingState.OPEN],
        )
        await self._connection.execute(repaired.values(repaired_at=at))

    async def list_page(self, wanted: FindingFilter) -> Sequence[KeepingFinding]:
        """The latest first. What is of no one agency is seen by whoever sees any."""
        page = select(KEEPING_FINDING).order_by(_F.id.desc()).limit(wanted.limit)
        if wanted.state is not None:
            page = page.where(*_IN_STATE[wanted.state])
        if wanted.agencies is not None:
            mine = _F.agency_code.in_(sorted(wanted.agencies))
            page = page.where(or_(mine, _F.agency_code.is_(None)))
        if wanted.before is not None:
            page = page.where(_F.id < wanted.before)
        return [to_finding(row) for row in (await self._connection.execute(page)).mappings()]
