from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.outside.errors import FindingNotFound
from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.ports.outside import FindingFilter
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.outside.rows import finding_row, to_finding
from services.receipt.storage.outside.tables import OUTSIDE_FINDING

_T: Final = OUTSIDE_FINDING.c
_ONCE: Final = InsertOnce(OUTSIDE_FINDING)
OPEN_MAX: Final = 1000


class SqlOutsideFindings:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, finding: Finding) -> bool:
        return await _ONCE.run(self._connection, finding_row(finding))

    async def get_for_update(self, finding_id: UUID) -> Finding:
        locked = select(OUTSIDE_FINDING).where(_T.id == finding_id).with_for_update()
        row = (await self._connection.execute(locked)).mappings().one_or_none()
        if row is None:
            raise FindingNotFound
        return to_finding(row)

    async def close(self, finding: Finding) -> None:
        closed = update(OUTSIDE_FINDING).where(_T.id == finding.id, _T.closed_at.is_(None))
        values = {
            "closed_at": finding.closed_at,
            "closed_by": finding.closed_by,
            "note": finding.note,
        }
        await self._connection.execute(closed.values(values))

    async def close_of_issue(self, issue_id: UUID, *, by: str, at: datetime) -> None:
        closed = update(OUTSIDE_FINDING).where(_T.issue_id == issue_id, _T.closed_at.is_(None))
        await self._connection.execute(closed.values(closed_at=at, closed_by=by))

    async def list_open(self, issuer: str, reason: FindingReason) -> Sequence[Finding]:
        found = (
            select(OUTSIDE_FINDING)
            .where(_T.issuer == issuer, _T.reason == reason.value, _T.closed_at.is_(None))
            .order_by(_T.id)
            .limit(OPEN_MAX)
        )
        return [to_finding(row) for row in (await self._connection.execute(found)).mappings()]

    async def count_open(self, issuer: str) -> Mapping[FindingReason, int]:
        counted = (
            select(_T.reason, func.count())
            .where(_T.issuer == issuer, _T.closed_at.is_(None))
            .group_by(_T.reason)
        )
        rows = (await self._connection.execute(counted)).all()
        return {FindingReason(reason): count for reason, count in rows}

    async def list_page(self, wanted: FindingFilter) -> Sequence[Finding]:
        """The latest first. What is of no one agency is seen by whoever sees any."""
        page = select(OUTSIDE_FINDING).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.open_only:
            page = page.where(_T.closed_at.is_(None))
        if wanted.agencies is not None:
            mine = _T.agency_code.in_(sorted(wanted.agencies))
            page = page.where(or_(mine, _T.agency_code.is_(None)))
        if wanted.before is not None:
            page = page.where(_T.id < wanted.before)
        return [to_finding(row) for row in (await self._connection.execute(page)).mappings()]
