from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.storage.evidence.tables import CHECKPOINT_STAMP
from gateway.storage.inserting import insert_once


class SqlCheckpointStamps:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, stamp: CheckpointStamp) -> None:
        row = {"size": stamp.size, "token": stamp.token, "at": stamp.at}
        await insert_once(self._connection, CHECKPOINT_STAMP, row)

    async def latest(self) -> CheckpointStamp | None:
        return await self._one(select(CHECKPOINT_STAMP).order_by(CHECKPOINT_STAMP.c.size.desc()))

    async def find_over(self, index: int) -> CheckpointStamp | None:
        covering = select(CHECKPOINT_STAMP).where(CHECKPOINT_STAMP.c.size > index)
        return await self._one(covering.order_by(CHECKPOINT_STAMP.c.size))

    async def _one(self, asked: Select[Any]) -> CheckpointStamp | None:
        row = (await self._connection.execute(asked.limit(1))).one_or_none()
        if row is None:
            return None
        return CheckpointStamp(size=row.size, token=row.token, at=row.at)
