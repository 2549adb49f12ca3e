from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.fee import Delegate
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.errors import AgencyNotKnown, DelegationNotFound
from services.receipt.ports.series import PaperFilter
from services.receipt.storage.series.tables import COLLECTING_BODY, ISSUE_DELEGATION

_T: Final = ISSUE_DELEGATION.c
LISTED_MAX: Final = 100


class SqlDelegations:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, agency_code: str) -> None:
        mine = select(COLLECTING_BODY.c.agency_code).where(
            COLLECTING_BODY.c.agency_code == agency_code
        )
        held = await self._connection.execute(mine.with_for_update())
        if not held.first():
            raise AgencyNotKnown(agency_code)

    async def add(self, delegation: Delegation) -> None:
        row = {
            "id": delegation.id,
            "agency_code": delegation.agency_code,
            "delegate": asdict(delegation.delegate),
            "purpose": delegation.purpose,
            "notified_on": delegation.notified_on,
            "valid_from_on": delegation.valid_from,
            "valid_to_on": delegation.valid_to,
            "added_at": delegation.added_at,
            "added_by": delegation.added_by,
        }
        await self._connection.execute(insert(ISSUE_DELEGATION), row)

    async def get_for_update(self, delegation_id: UUID) -> Delegation:
        query = select(ISSUE_DELEGATION).where(_T.id == delegation_id).with_for_update()
        row = (await self._connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise DelegationNotFound
        return _to_delegation(row)

    async def save(self, delegation: Delegation) -> None:
        ended = update(ISSUE_DELEGATION).where(_T.id == delegation.id)
        await self._connection.execute(
            ended.values(ended_on=delegation.ended_on, ended_by=delegation.ended_by)
        )

    async def list_of(self, agency_code: str, *, from_day: date) -> Sequence[Delegation]:
        query = (
            select(ISSUE_DELEGATION)
            .where(
                _T.agency_code == agency_code,
                _T.valid_to_on >= from_day,
                or_(_T.ended_on.is_(None), _T.ended_on > from_day),
            )
            .order_by(_T.valid_from_on)
            .limit(LISTED_MAX)
        )
        return [_to_delegation(row) for row in (await self._connection.execute(query)).mappings()]

    async def list_page(self, wanted: PaperFilter) -> Sequence[Delegation]:
        page = select(ISSUE_DELEGATION).order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.agencies is not None:
            page = page.where(_T.agency_code.in_(sorted(wanted.agencies)))
        if wanted.before is not None:
            page = page.where(_T.id < wanted.before)
        return [_to_delegation(row) for row in (await self._connection.execute(page)).mappings()]


def to_delegate(document: Mapping[str, Any]) -> Delegate:
    return Delegate(**document)


def _to_delegation(row: RowMapping) -> Delegation:
    return Delegation(
        id=row["id"],
        agency_code=row["agency_code"],
        delegate=to_delegate(row["delegate"]),
        purpose=row["purpose"],
        notified_on=row["notified_on"],
        valid_from=row["valid_from_on"],
        valid_to=row["valid_to_on"],
        added_at=row["added_at"],
        added_by=row["added_by"],
        ended_on=row["ended_on"],
        ended_by=row["ended_by"],
    )
