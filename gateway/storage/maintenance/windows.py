from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, insert, select, text, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.maintenance.errors import WindowNotFound, WindowsOverlap
from gateway.domain.maintenance.window import STANDING, MaintenanceWindow, WindowState
from gateway.storage.maintenance.tables import MAINTENANCE_WINDOW

STANDING_MAX: Final = 100
_T: Final = MAINTENANCE_WINDOW.c
# Two announcements at the same time must see one another; nobody else needs this lock.
ONE_AT_A_TIME: Final = text("LOCK TABLE maintenance_window IN SHARE ROW EXCLUSIVE MODE")


class SqlMaintenanceWindows:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, window: MaintenanceWindow) -> None:
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(ONE_AT_A_TIME)
        crossing = _standing().where(_T.starts_at < window.ends_at, _T.ends_at > window.starts_at)
        if (await self._connection.execute(crossing)).first() is not None:
            raise WindowsOverlap
        await self._connection.execute(insert(MAINTENANCE_WINDOW), _row(window))

    async def get_for_update(self, window_id: UUID) -> MaintenanceWindow:
        held = select(MAINTENANCE_WINDOW).where(_T.id == window_id).with_for_update()
        row = (await self._connection.execute(held)).one_or_none()
        if row is None:
            raise WindowNotFound
        return _entity(row)

    async def save(self, window: MaintenanceWindow) -> None:
        await self._connection.execute(
            update(MAINTENANCE_WINDOW).where(_T.id == window.id).values(_row(window))
        )

    async def list_standing(self) -> Sequence[MaintenanceWindow]:
        return [_entity(row) for row in await self._connection.execute(_standing())]

    async def list_standing_for_update(self) -> Sequence[MaintenanceWindow]:
        held = _standing().with_for_update(skip_locked=True)
        return [_entity(row) for row in await self._connection.execute(held)]

    async def list_latest(self, *, before: UUID | None, limit: int) -> Sequence[MaintenanceWindow]:
        latest = select(MAINTENANCE_WINDOW).order_by(_T.id.desc()).limit(limit)
        if before is not None:
            latest = latest.where(_T.id < before)
        return [_entity(row) for row in await self._connection.execute(latest)]


def _standing() -> Select[Any]:
    return (
        select(MAINTENANCE_WINDOW)
        .where(_T.state.in_([state.value for state in STANDING]))
        .order_by(_T.starts_at)
        .limit(STANDING_MAX)
    )


def _row(window: MaintenanceWindow) -> dict[str, UUID | str | datetime | None]:
    return {
        "id": window.id,
        "reason_vi": window.reason_vi,
        "reason_en": window.reason_en,
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "announced_at": window.announced_at,
        "announced_by": window.announced_by,
        "state": window.state.value,
        "started_at": window.started_at,
        "ended_at": window.ended_at,
    }


def _entity(row: Row[Any]) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=row.id,
        reason_vi=row.reason_vi,
        reason_en=row.reason_en,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        announced_at=row.announced_at,
        announced_by=row.announced_by,
        state=WindowState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
