from typing import Final

from chassis.clock import Clock
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.maintenance.mark_window import mark_ended, mark_started

ACTOR: Final = "system:gateway"


async def keep_windows(*, uow: UnitOfWork, clock: Clock) -> None:
    """Start and end planned stops on time.

    Doors go by the planned times, so being late here only delays the announcements. Those carry
    the planned times: deadlines of fees move by exactly as long as the doors were shut.
    """
    now = clock.now()
    async with uow:
        for window in await uow.maintenance_windows.list_standing_for_update():
            kept = window
            if kept.is_due(now):
                kept = await mark_started(kept, at=kept.starts_at, actor=ACTOR, uow=uow)
            if kept.is_over(now):
                await mark_ended(kept, at=kept.ends_at, actor=ACTOR, uow=uow)
