from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.people.tables import RECOVERY_CODE


class SqlRecoveryCodes:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def replace(self, user_id: UUID, digests: Sequence[str], *, at: datetime) -> None:
        await self._connection.execute(
            delete(RECOVERY_CODE).where(RECOVERY_CODE.c.user_id == user_id)
        )
        rows = [{"digest": one, "user_id": user_id, "created_at": at} for one in digests]
        await self._connection.execute(insert(RECOVERY_CODE), rows)

    async def use(self, digest: str, *, user_id: UUID, at: datetime) -> bool:
        used = await self._connection.execute(
            update(RECOVERY_CODE)
            .where(RECOVERY_CODE.c.digest == digest, RECOVERY_CODE.c.user_id == user_id)
            .where(RECOVERY_CODE.c.used_at.is_(None))
            .values(used_at=at)
        )
        return used.rowcount == 1
