from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.maintenance.availability import MINUTE, Availability, minute_of, month_of
from gateway.storage.maintenance.tables import AVAILABILITY_MINUTE, MAINTENANCE_WINDOW

WINDOWS_A_MONTH_MAX: Final = 100
_T: Final = AVAILABILITY_MINUTE.c
_W: Final = MAINTENANCE_WINDOW.c
Span = tuple[datetime, datetime]


class SqlAvailabilityLog:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def note(self, minute: datetime, *, up: bool) -> None:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        noted = insert(AVAILABILITY_MINUTE).values(minute=minute_of(minute), up=up)
        await self._connection.execute(
            noted.on_conflict_do_update(
                index_elements=["minute"], set_={"up": and_(_T.up, noted.excluded.up)}
            )
        )

    async def list_months(self, *, now: datetime, limit: int) -> Sequence[Availability]:
        first = (await self._connection.execute(select(func.min(_T.minute)))).scalar()
        if first is None:
            return []
        months: list[Availability] = []
        # The minute that runs is not over; it is nobody's fault yet.
        until = minute_of(now)
        while until > first and len(months) < limit:
            since = max(month_of(until - MINUTE), first)
            months.append(await self._month(since, until))
            until = month_of(since)
        return months

    async def forget(self, *, before: datetime, limit: int) -> int:
        old = select(_T.minute).where(_T.minute < before).limit(limit)
        done = await self._connection.execute(delete(AVAILABILITY_MINUTE).where(_T.minute.in_(old)))
        return done.rowcount

    async def _month(self, since: datetime, until: datetime) -> Availability:
        stops = await self._stops(since, until)
        return Availability(
            month=since.strftime("%Y-%m"),
            minutes=(until - since) // MINUTE,
            minutes_up=await self._minutes_up([(since, until)]),
            minutes_of_maintenance=sum((end - start) // MINUTE for start, end in stops),
            minutes_up_in_maintenance=await self._minutes_up(stops),
        )

    async def _minutes_up(self, spans: Sequence[Span]) -> int:
        if not spans:
            return 0
        within = or_(*(and_(_T.minute >= start, _T.minute < end) for start, end in spans))
        counted = select(func.count()).select_from(AVAILABILITY_MINUTE).where(_T.up, within)
        return int((await self._connection.execute(counted)).scalar_one())

    async def _stops(self, since: datetime, until: datetime) -> Sequence[Span]:
        """Whole minutes in which an announced stop held, within the span."""
        begun = (
            select(_W.started_at, func.coalesce(_W.ended_at, _W.ends_at).label("over_at"))
            .where(_W.started_at < until, func.coalesce(_W.ended_at, _W.ends_at) > since)
            .order_by(_W.started_at)
            .limit(WINDOWS_A_MONTH_MAX)
        )
        spans = []
        for row in await self._connection.execute(begun):
            start = minute_of(max(row.started_at, since))
            end = minute_of(min(row.over_at, until) + MINUTE - timedelta(microseconds=1))
            spans.append((max(start, since), min(end, until)))
        return spans
