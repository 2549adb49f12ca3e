from uuid import UUID

from chassis.clock import Clock
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.unit_of_work import UnitOfWork


async def cancel_window(
    window_id: UUID, *, actor: str, uow: UnitOfWork, clock: Clock
) -> MaintenanceWindow:
    """Call off a stop that has not begun."""
    async with uow:
        window = await uow.maintenance_windows.get_for_update(window_id)
        cancelled = window.cancel(clock.now())
        await uow.maintenance_windows.save(cancelled)
        await uow.audit.add(
            AuditEntry(
                action="maintenance.cancelled",
                actor=actor,
                subject=f"maintenance_window:{window_id}",
            )
        )
    return cancelled
