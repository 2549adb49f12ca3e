"""Which events a consumer has already met; claimed in the transaction of their effect."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, String, Table, Uuid
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Utc


def inbox_table(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("consumer", String(100), primary_key=True),
        Column("claimed_at", Utc, nullable=False, index=True),
    )


class SqlInbox:
    def __init__(self, connection: AsyncConnection, table: Table, *, clock: Clock) -> None:
        self._connection = connection
        self._table = table
        self._clock = clock

    async def claim(self, event_id: UUID, consumer: str) -> bool:
        """True the first time this consumer meets the event; another claimer waits for it."""
        row = {"event_id": event_id, "consumer": consumer, "claimed_at": self._clock.now()}
        claimed = await self._connection.execute(self._claiming(), row)
        return claimed.rowcount == 1

    async def claim_all(self, event_ids: Collection[UUID], consumer: str) -> frozenset[UUID]:
        """In the order of the ids, so that two that claim the same ones never wait in a ring."""
        now = self._clock.now()
        rows = [
            {"event_id": event_id, "consumer": consumer, "claimed_at": now}
            for event_id in sorted(set(event_ids))
        ]
        claiming = self._claiming().returning(self._table.c.event_id)
        return frozenset((await self._connection.execute(claiming, rows)).scalars())

    def _claiming(self) -> Any:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        return insert(self._table).on_conflict_do_nothing()
