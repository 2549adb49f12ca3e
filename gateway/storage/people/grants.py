from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.people.duties import GRANTS_MAX
from gateway.domain.people.errors import AlreadyGranted, GrantNotFound
from gateway.domain.people.roles import Grant, Role, RoleGrant
from gateway.ports.people import GrantFilter
from gateway.storage.inserting import insert_once
from gateway.storage.people.grant_tables import ROLE_GRANT

_T: Final = ROLE_GRANT.c
LIVE_OF: Final = (
    select(_T.role, _T.agency)
    .where(_T.user_id == bindparam("user_id"), _T.withdrawn_at.is_(None))
    .limit(GRANTS_MAX)
)


class SqlGrants:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, made: RoleGrant) -> None:
        row = {
            "id": made.id,
            "user_id": made.user_id,
            "role": made.grant.role.value,
            "agency": made.grant.agency,
            "granted_by": made.granted_by,
            "granted_at": made.granted_at,
        }
        if not await insert_once(self._connection, ROLE_GRANT, row):
            raise AlreadyGranted

    async def list_live_of(self, user_id: UUID) -> frozenset[Grant]:
        rows = await self._connection.execute(LIVE_OF, {"user_id": user_id})
        return frozenset(Grant(role=Role(role), agency=agency) for role, agency in rows)

    async def get(self, grant_id: UUID) -> RoleGrant:
        known = select(ROLE_GRANT).where(_T.id == grant_id)
        row = (await self._connection.execute(known)).one_or_none()
        if row is None:
            raise GrantNotFound
        return _entity(row)

    async def withdraw(self, grant_id: UUID, *, by: str, at: datetime) -> bool:
        ended = await self._connection.execute(
            update(ROLE_GRANT)
            .where(_T.id == grant_id, _T.withdrawn_at.is_(None))
            .values(withdrawn_by=by, withdrawn_at=at)
        )
        return ended.rowcount == 1

    async def list_page(self, wanted: GrantFilter, *, limit: int) -> Sequence[RoleGrant]:
        latest = select(ROLE_GRANT).order_by(_T.id.desc()).limit(limit)
        if wanted.live:
            latest = latest.where(_T.withdrawn_at.is_(None))
        if wanted.agencies is not None:
            latest = latest.where(_T.agency.in_(sorted(wanted.agencies)))
        if wanted.user_id is not None:
            latest = latest.where(_T.user_id == wanted.user_id)
        if wanted.role is not None:
            latest = latest.where(_T.role == wanted.role.value)
        if wanted.before is not None:
            latest = latest.where(_T.id < wanted.before)
        return [_entity(row) for row in await self._connection.execute(latest)]


def _entity(row: Row[Any]) -> RoleGrant:
    return RoleGrant(
        id=row.id,
        user_id=row.user_id,
        grant=Grant(role=Role(row.role), agency=row.agency),
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )
