from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints

from gateway.api.schemas import RequestBody
from gateway.domain.maintenance.availability import Availability
from gateway.domain.maintenance.window import MaintenanceWindow, WindowState
from gateway.use_cases.maintenance.announce_window import PlannedStop
from gateway.use_cases.maintenance.read_status import Condition, PlatformStatus

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class AnnounceWindowBody(RequestBody):
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason_vi: Reason
    reason_en: Reason

    def to_stop(self) -> PlannedStop:
        return PlannedStop(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            reason_vi=self.reason_vi,
            reason_en=self.reason_en,
        )


class WindowBody(BaseModel):
    """A planned stop as everybody may see it."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    reason_vi: str
    reason_en: str
    state: WindowState
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, window: MaintenanceWindow) -> Self:
        return cls(
            id=window.id,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            reason_vi=window.reason_vi,
            reason_en=window.reason_en,
            state=window.state,
            started_at=window.started_at,
            ended_at=window.ended_at,
        )


class WindowPageBody(BaseModel):
    items: list[WindowBody]
    next_cursor: UUID | None


class AvailabilityBody(BaseModel):
    """One month (UTC). Percentages are texts with two digits, rounded down."""

    month: str
    percent: str
    percent_outside_maintenance: str
    minutes: int
    minutes_up: int
    minutes_of_maintenance: int

    @classmethod
    def of(cls, month: Availability) -> Self:
        return cls(
            month=month.month,
            percent=month.percent,
            percent_outside_maintenance=month.percent_outside_maintenance,
            minutes=month.minutes,
            minutes_up=month.minutes_up,
            minutes_of_maintenance=month.minutes_of_maintenance,
        )


class StatusBody(BaseModel):
    status: Condition
    at: datetime
    maintenance: WindowBody | None
    planned: list[WindowBody]
    availability: list[AvailabilityBody]

    @classmethod
    def of(cls, status: PlatformStatus) -> Self:
        return cls(
            status=status.condition,
            at=status.at,
            maintenance=WindowBody.of(status.current) if status.current else None,
            planned=[WindowBody.of(window) for window in status.planned],
            availability=[AvailabilityBody.of(month) for month in status.months],
        )
