from dataclasses import dataclass
from datetime import datetime

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.maintenance.events import MaintenanceAnnouncedV1
from gateway.domain.maintenance.policy import policy_at, require_allowed
from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    starts_at: datetime
    ends_at: datetime
    reason_vi: str
    reason_en: str


async def announce_window(
    planned: PlannedStop, *, actor: str, uow: UnitOfWork, clock: Clock, ids: Ids
) -> MaintenanceWindow:
    """Tell everybody of a stop, early enough and short enough for the policy of that day."""
    now = clock.now()
    window = MaintenanceWindow(
        id=ids.new(),
        reason_vi=planned.reason_vi,
        reason_en=planned.reason_en,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        announced_at=now,
        announced_by=actor,
    )
    require_allowed(
        now=now,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        policy=policy_at(window.starts_at),
    )
    async with uow:
        await uow.maintenance_windows.add(window)
        await uow.outbox.add(MaintenanceAnnouncedV1.of(window), subject=str(window.id))
        await uow.audit.add(
            AuditEntry(
                action="maintenance.announced",
                actor=actor,
                subject=f"maintenance_window:{window.id}",
                details={
                    "starts_at": window.starts_at.isoformat(),
                    "ends_at": window.ends_at.isoformat(),
                },
            )
        )
    return window
