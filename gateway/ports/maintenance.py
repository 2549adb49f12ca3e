from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.domain.maintenance.availability import Availability
from gateway.domain.maintenance.window import MaintenanceWindow


class MaintenanceWindows(Protocol):
    async def add(self, window: MaintenanceWindow) -> None:
        """Raises WindowsOverlap when another standing window crosses this one."""

    async def get_for_update(self, window_id: UUID) -> MaintenanceWindow:
        """Raises WindowNotFound."""

    async def save(self, window: MaintenanceWindow) -> None: ...

    async def list_standing(self) -> Sequence[MaintenanceWindow]:
        """Announced or started, earliest first; bounded."""

    async def list_standing_for_update(self) -> Sequence[MaintenanceWindow]:
        """The same, held; those that another worker holds are left out."""

    async def list_latest(self, *, before: UUID | None, limit: int) -> Sequence[MaintenanceWindow]:
        """Newest first."""


class AvailabilityLog(Protocol):
    async def note(self, minute: datetime, *, up: bool) -> None:
        """A minute is up only if every look at it found everything up."""

    async def list_months(self, *, now: datetime, limit: int) -> Sequence[Availability]:
        """Latest month first; the first minute ever watched is where counting begins."""

    async def forget(self, *, before: datetime, limit: int) -> int: ...


class StandingWindows(Protocol):
    """What the doors look at for every request: held in memory, a few seconds old at most."""

    async def current(self) -> MaintenanceWindow | None: ...


class Probe(Protocol):
    async def is_everything_up(self) -> bool:
        """Whether the store and every service behind the gateway say that they are ready."""
