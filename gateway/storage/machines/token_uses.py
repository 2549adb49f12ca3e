from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.inserting import insert_once
from gateway.storage.machines.tables import TOKEN_USE


class SqlTokenUses:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, holder: str, token_id: str, *, expires_at: datetime) -> bool:
        row = {"holder": holder, "token_id": token_id, "expires_at": expires_at}
        return await insert_once(self._connection, TOKEN_USE, row)

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        expired = (
            select(TOKEN_USE.c.holder, TOKEN_USE.c.token_id)
            .where(TOKEN_USE.c.expires_at < expired_before)
            .limit(limit)
        )
        key = tuple_(TOKEN_USE.c.holder, TOKEN_USE.c.token_id)
        done = await self._connection.execute(delete(TOKEN_USE).where(key.in_(expired)))
        return done.rowcount
