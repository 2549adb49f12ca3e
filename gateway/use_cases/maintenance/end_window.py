from uuid import UUID

from chassis.clock import Clock
from gateway.domain.maintenance.window import MaintenanceWindow, WindowState
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.maintenance.mark_window import mark_ended, mark_started


async def end_window(
    window_id: UUID, *, actor: str, uow: UnitOfWork, clock: Clock
) -> MaintenanceWindow:
    """End a stop that holds, before its time. Fees open again at once."""
    now = clock.now()
    async with uow:
        window = await uow.maintenance_windows.get_for_update(window_id)
        if window.state is WindowState.ANNOUNCED and window.holds_at(now):
            window = await mark_started(window, at=window.starts_at, actor=actor, uow=uow)
        return await mark_ended(window, at=min(now, window.ends_at), actor=actor, uow=uow)
