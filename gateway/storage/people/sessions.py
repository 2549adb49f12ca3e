from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Utc
from gateway.domain.people.account import Session
from gateway.storage.people.tables import SESSION

FIND_OPEN = (
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
            "user_id": session.user_id,
            "token_hash": session.token_hash,
            "opened_at": session.opened_at,
            "expires_at": session.expires_at,
        }
        await self._connection.execute(insert(SESSION), row)

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None:
        asked = {"token_hash": token_hash, "now": now}
        row = (await self._connection.execute(FIND_OPEN, asked)).one_or_none()
        if row is None:
            return None
        return Session(
            id=row.id,
            user_id=row.user_id,
            token_hash=row.token_hash,
            opened_at=row.opened_at,
            expires_at=row.expires_at,
        )

    async def revoke(self, session_id: UUID, *, at: datetime) -> None:
        await self._connection.execute(
            update(SESSION)
            .where(SESSION.c.id == session_id, SESSION.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        expired = select(SESSION.c.id).where(SESSION.c.expires_at < expired_before).limit(limit)
        done = await self._connection.execute(delete(SESSION).where(SESSION.c.id.in_(expired)))
        return done.rowcount
