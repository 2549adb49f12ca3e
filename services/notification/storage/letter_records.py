from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from chassis.db import Database
from services.notification.domain.message import Message, MessageState
from services.notification.ports import Undelivered
from services.notification.storage.messages import to_message
from services.notification.storage.tables import MESSAGE

_M: Final = MESSAGE.c
_FAILED: Final = _M.state == MessageState.FAILED
_QUEUED: Final = _M.state == MessageState.QUEUED


class SqlLetterRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_undelivered(self, *, late_before: datetime) -> Undelivered:
        # Each along an index that holds nothing else, however many letters went well.
        failed = select(func.count()).select_from(MESSAGE).where(_FAILED)
        late = select(func.count()).select_from(MESSAGE)
        late = late.where(_QUEUED, _M.created_at < late_before)
        async with self._database.read() as connection:
            return Undelivered(
                failed=(await connection.execute(failed)).scalar_one(),
                late=(await connection.execute(late)).scalar_one(),
            )

    async def list_undelivered(
        self, *, late_before: datetime, before: UUID | None, limit: int
    ) -> Sequence[Message]:
        latest = (
            select(MESSAGE)
            .where(or_(_FAILED, and_(_QUEUED, _M.created_at < late_before)))
            .order_by(_M.id.desc())
            .limit(limit)
        )
        if before is not None:
            latest = latest.where(_M.id < before)
        async with self._database.read() as connection:
            return [to_message(row) for row in await connection.execute(latest)]
