from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chassis.clock import Clock
from gateway.domain.maintenance.availability import Availability
from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.maintenance import Probe
from gateway.ports.unit_of_work import UnitOfWork

MONTHS_SHOWN: Final = 12


class Condition(StrEnum):
    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DISRUPTED = "disrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformStatus:
    condition: Condition
    at: datetime
    current: MaintenanceWindow | None
    planned: Sequence[MaintenanceWindow]
    months: Sequence[Availability]


async def read_status(*, probe: Probe, uow: UnitOfWork, clock: Clock) -> PlatformStatus:
    """What the public is told: how things are, which stops are planned, how past months were."""
    now = clock.now()
    up = await probe.is_everything_up()
    async with uow:
        standing = await uow.maintenance_windows.list_standing()
        months = await uow.availability.list_months(now=now, limit=MONTHS_SHOWN)
    current = next((window for window in standing if window.holds_at(now)), None)
    condition = Condition.OPERATIONAL if up else Condition.DISRUPTED
    return PlatformStatus(
        condition=Condition.MAINTENANCE if current else condition,
        at=now,
        current=current,
        planned=[window for window in standing if window.starts_at > now],
        months=months,
    )
