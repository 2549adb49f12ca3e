from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Utc
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.storage.people.grants import SqlGrants
from gateway.storage.people.tables import SESSION

LISTED_MAX: Final = 50
FIND_OPEN: Final = (
    select(SESSION)
    .where(SESSION.c.token_hash == bindparam("token_hash"))
    .where(SESSION.c.expires_at > bindparam("now", type_=Utc))
    .where(SESSION.c.revoked_at.is_(None))
)


class SqlSessions:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, session: Session) -> None:
        row = {
            "id": session.id,
            "family_id": session.family_id,
            "user_id": session.user_id,
            "token_hash": session.token_hash,
            "acr": session.acr.value,
            "authenticated_at": session.authenticated_at,
            "opened_at": session.opened_at,
            "seen_at": session.seen_at,
            "idle_until": session.idle_until,
            "expires_at": session.expires_at,
            "rotated_at": session.rotated_at,
        }
        await self._connection.execute(insert(SESSION), row)

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None:
        asked = {"token_hash": token_hash, "now": now}
        row = (await self._connection.execute(FIND_OPEN, asked)).one_or_none()
        if row is None:
            return None
        # Read with every request and kept nowhere, so that what is withdrawn ends at once.
        grants = await SqlGrants(self._connection).list_live_of(row.user_id)
        return replace(_entity(row), grants=grants)

    async def note_use(self, session_id: UUID, *, at: datetime, idle_until: datetime) -> None:
        await self._connection.execute(
            update(SESSION)
            .where(SESSION.c.id == session_id, SESSION.c.seen_at < at)
            .values(seen_at=at, idle_until=idle_until)
        )

    async def rotate_away(self, session_id: UUID, *, at: datetime) -> bool:
        rotated = await self._connection.execute(
            update(SESSION)
            .where(SESSION.c.id == session_id)
            .where(SESSION.c.rotated_at.is_(None), SESSION.c.revoked_at.is_(None))
            .values(rotated_at=at)
        )
        return rotated.rowcount == 1

    async def end_family(
        self, family_id: UUID, *, at: datetime, user_id: UUID | None = None
    ) -> bool:
        ending = update(SESSION).where(
            SESSION.c.family_id == family_id, SESSION.c.revoked_at.is_(None)
        )
        if user_id is not None:
            ending = ending.where(SESSION.c.user_id == user_id)
        return (await self._connection.execute(ending.values(revoked_at=at))).rowcount > 0

    async def end_others(self, user_id: UUID, *, kept: UUID | None, at: datetime) -> Sequence[UUID]:
        ending = update(SESSION).where(
            SESSION.c.user_id == user_id, SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > at
        )
        if kept is not None:
            ending = ending.where(SESSION.c.family_id != kept)
        ended = await self._connection.execute(
            ending.values(revoked_at=at).returning(SESSION.c.family_id)
        )
        return sorted(set(ended.scalars()))

    async def list_open_of(self, user_id: UUID, *, now: datetime) -> Sequence[Session]:
        mine = (
            select(SESSION)
            .where(SESSION.c.user_id == user_id, SESSION.c.expires_at > now)
            .where(SESSION.c.revoked_at.is_(None), SESSION.c.rotated_at.is_(None))
            .where(SESSION.c.idle_until > now)
            .order_by(SESSION.c.seen_at.desc(), SESSION.c.id)
            .limit(LISTED_MAX)
        )
        return [_entity(row) for row in await self._connection.execute(mine)]

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        expired = select(SESSION.c.id).where(SESSION.c.expires_at < expired_before).limit(limit)
        done = await self._connection.execute(delete(SESSION).where(SESSION.c.id.in_(expired)))
        return done.rowcount


def _entity(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        family_id=row.family_id,
        user_id=row.user_id,
        token_hash=row.token_hash,
        acr=Acr(row.acr),
        authenticated_at=row.authenticated_at,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        idle_until=row.idle_until,
        expires_at=row.expires_at,
        rotated_at=row.rotated_at,
    )
