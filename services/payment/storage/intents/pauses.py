from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Interval,
    Table,
    bindparam,
    func,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_attempt import LIVE
from services.payment.domain.intents.payment_intent import Status
from services.payment.storage.intents.tables import PAUSE, PAYMENT_ATTEMPT, PAYMENT_INTENT

_WAITING: Final = (Status.CREATED, Status.CONFIRMED)


class SqlPauses:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def begin(self, pause: Pause) -> None:
        known = select(PAUSE.c.window_id).where(PAUSE.c.window_id == pause.window_id)
        if (await self._connection.execute(known)).first() is None:
            await self._connection.execute(insert(PAUSE), _row(pause))

    async def end(self, pause: Pause) -> bool:
        """True once for a pause, whether or not its beginning was heard."""
        await self.begin(Pause(window_id=pause.window_id, started_at=pause.started_at))
        ended = await self._connection.execute(
            update(PAUSE)
            .where(PAUSE.c.window_id == pause.window_id, PAUSE.c.ended_at.is_(None))
            .values(ended_at=pause.ended_at)
        )
        return ended.rowcount == 1

    async def deadline_time(self, now: datetime) -> datetime:
        """The moment by which deadlines are judged: it stands still while a pause is open."""
        open_since = select(func.min(PAUSE.c.started_at)).where(PAUSE.c.ended_at.is_(None))
        started_at: datetime | None = (await self._connection.execute(open_since)).scalar()
        return now if started_at is None else min(now, started_at)

    async def put_off(self, pause: Pause) -> int:
        """Move the deadlines of all that waits; the answer: how many intents."""
        waiting = PAYMENT_INTENT.c.status.in_(_WAITING)
        live = PAYMENT_ATTEMPT.c.status.in_(sorted(LIVE))
        await self._shift(PAYMENT_ATTEMPT, live, pause.length)
        return await self._shift(PAYMENT_INTENT, waiting, pause.length)

    async def _shift(self, table: Table, which: object, length: timedelta) -> int:
        deadline: Column[datetime] = table.c.expires_at
        if self._connection.dialect.name == "postgresql":
            later = type_coerce(deadline, DateTime(timezone=True)) + literal(length, Interval)
            done = await self._connection.execute(
                update(table).where(which).values(expires_at=later)  # type: ignore[arg-type]
            )
            return done.rowcount
        # SQLite cannot add a span to an instant; its files are small.
        rows = (
            await self._connection.execute(select(table.c.id, deadline).where(which))  # type: ignore[arg-type]
        ).all()
        if rows:
            await self._connection.execute(
                update(table)
                .where(table.c.id == bindparam("row_id"))
                .values(expires_at=bindparam("later")),
                [{"row_id": row.id, "later": row.expires_at + length} for row in rows],
            )
        return len(rows)


def _row(pause: Pause) -> dict[str, object]:
    return {
        "window_id": pause.window_id,
        "started_at": pause.started_at,
        "ended_at": pause.ended_at,
    }
