from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from gateway.domain.maintenance.availability import minute_of
from gateway.ports.maintenance import Probe
from gateway.ports.unit_of_work import UnitOfWork

KEPT: Final = timedelta(days=400)
FORGOTTEN_AT_ONCE_MAX: Final = 1440


async def watch_availability(*, probe: Probe, uow: UnitOfWork, clock: Clock) -> bool:
    """Look once whether everything answers, and note it for this minute."""
    minute = minute_of(clock.now())
    up = await probe.is_everything_up()
    async with uow:
        await uow.availability.note(minute, up=up)
        await uow.availability.forget(before=minute - KEPT, limit=FORGOTTEN_AT_ONCE_MAX)
    return up
