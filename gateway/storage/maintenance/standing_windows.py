"""The planned stops, held a few seconds so that a request costs no look-up."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.unit_of_work import UnitOfWork

HELD_FOR: Final = timedelta(seconds=3)


class HeldWindows:
    def __init__(self, new_uow: Callable[[], UnitOfWork], *, clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._held: Sequence[MaintenanceWindow] = ()
        self._read_at: datetime | None = None

    async def current(self) -> MaintenanceWindow | None:
        """Raises StoreUnavailable rather than open a fee while a stop may hold."""
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < HELD_FOR:
            uow = self._new_uow()
            async with uow:
                self._held = await uow.maintenance_windows.list_standing()
            self._read_at = now
        return next((window for window in self._held if window.holds_at(now)), None)
