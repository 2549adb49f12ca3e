"""Events leave with the transaction that caused them, or not at all."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Executable,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
)
from sqlalchemy import select as sql_select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, Utc
from chassis.events import Envelope, EventData
from chassis.ids import Ids
from chassis.signed_events import EventSigner
from chassis.tracing import current_traceparent
from chassis.transport import Outgoing, Transport

RELAY_BATCH_MAX = 100
CHANNEL = "outbox"
WAKE = sql_select(func.pg_notify(CHANNEL, ""))


def outbox_table(metadata: MetaData) -> Table:
    """Events that wait to be published: the whole envelope as the bytes that will go out."""
    return Table(
        "outbox",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("type", String(100), nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("stored_at", Utc, nullable=False),
        Index("outbox_stored_at_idx", "stored_at"),
    )


class SqlOutbox:
    def __init__(
        self, connection: AsyncConnection, table: Table, *, source: str, clock: Clock, ids: Ids
    ) -> None:
        self._connection = connection
        self._table = table
        self._source = source
        self._clock = clock
        self._ids = ids

    async def add(self, data: EventData, *, subject: str) -> None:
        row = _row(data, self._ids.new(), self._source, subject, self._clock.now())
        add = _adding(self._table, self._connection.dialect.name)
        await self._connection.execute(add, row)

    async def add_all(self, said: Sequence[tuple[EventData, str]]) -> None:
        if not said:
            return
        now = self._clock.now()
        rows = [_row(data, self._ids.new(), self._source, subject, now) for data, subject in said]
        await self._connection.execute(insert(self._table), rows)
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(WAKE)


@cache
def _adding(table: Table, dialect: str) -> Executable:
    """One statement stores the event and, where there are channels, wakes the relay on commit."""
    add = insert(table).values({column.name: bindparam(column.name) for column in table.c})
    if dialect == "sqlite":
        return add
    added = add.returning(table.c.id).cte("added")
    return sql_select(func.pg_notify(CHANNEL, "")).select_from(added)


async def relay_batch(
    database: Database,
    table: Table,
    transport: Transport,
    *,
    signer: EventSigner,
    limit: int = RELAY_BATCH_MAX,
) -> int:
    """Sign and publish the events that waited longest, forget them; say how many there were."""
    oldest = (
        sql_select(table.c.id, table.c.type, table.c.body)
        .order_by(table.c.stored_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if database.dialect == "sqlite":
        return await _relay_sqlite(database, table, transport, signer, oldest)
    async with database.engine.begin() as connection:
        waiting = (await connection.execute(oldest)).all()
        if not waiting:
            return 0
        # Returns once the broker has confirmed all of them. A crash from here to the commit
        # sends them twice, never zero times; consumers claim each id in their inbox.
        await transport.publish([_outgoing(event, signer) for event in waiting])
        await _forget(connection, table, [event.id for event in waiting])
    return len(waiting)


async def _relay_sqlite(
    database: Database, table: Table, transport: Transport, signer: EventSigner, oldest: Any
) -> int:
    # SQLite has one writer, and in-process consumers may write to this very file while we
    # publish: read, publish without a transaction, then forget. One relay a file.
    async with database.read() as connection:
        waiting = (await connection.execute(oldest)).all()
    if not waiting:
        return 0
    await transport.publish([_outgoing(event, signer) for event in waiting])
    async with database.engine.begin() as connection:
        await _forget(connection, table, [event.id for event in waiting])
    return len(waiting)


def _outgoing(event: Any, signer: EventSigner) -> Outgoing:
    body = bytes(event.body)
    return Outgoing(
        id=event.id, type=event.type, body=body, signature=signer.sign(event.type, body)
    )


async def _forget(connection: AsyncConnection, table: Table, ids: list[UUID]) -> None:
    await connection.execute(delete(table).where(table.c.id.in_(ids)))


def _row(data: EventData, id: UUID, source: str, subject: str, now: datetime) -> dict[str, Any]:
    envelope = Envelope[EventData].of(
        data, id=id, source=source, subject=subject, time=now, traceparent=current_traceparent()
    )
    return {"id": id, "type": data.type, "body": envelope.to_bytes(), "stored_at": now}
