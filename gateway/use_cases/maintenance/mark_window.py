"""The two steps of a stop, each with its announcement and its line in the audit log."""

from datetime import datetime

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.maintenance.events import MaintenanceEndedV1, MaintenanceStartedV1
from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.unit_of_work import UnitOfWork


async def mark_started(
    window: MaintenanceWindow, *, at: datetime, actor: str, uow: UnitOfWork
) -> MaintenanceWindow:
    started = window.start(at)
    await uow.maintenance_windows.save(started)
    await uow.outbox.add(MaintenanceStartedV1.of(started), subject=str(started.id))
    await uow.audit.add(_entry("maintenance.started", started, actor=actor, at=at))
    return started


async def mark_ended(
    window: MaintenanceWindow, *, at: datetime, actor: str, uow: UnitOfWork
) -> MaintenanceWindow:
    ended = window.end(at)
    await uow.maintenance_windows.save(ended)
    await uow.outbox.add(MaintenanceEndedV1.of(ended), subject=str(ended.id))
    await uow.audit.add(_entry("maintenance.ended", ended, actor=actor, at=at))
    return ended


def _entry(action: str, window: MaintenanceWindow, *, actor: str, at: datetime) -> AuditEntry:
    return AuditEntry(
        action=action,
        actor=actor,
        subject=f"maintenance_window:{window.id}",
        details={"at": at.isoformat()},
    )
