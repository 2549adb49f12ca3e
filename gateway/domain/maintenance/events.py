"""What the gateway says of planned stops, so that others hold their clocks."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from chassis.events import EventData
from gateway.domain.maintenance.window import MaintenanceWindow


class MaintenanceAnnouncedV1(EventData):
    type: ClassVar[str] = "maintenance.announced.v1"

    window_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason_vi: str
    reason_en: str

    @classmethod
    def of(cls, window: MaintenanceWindow) -> Self:
        return cls(
            window_id=window.id,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            reason_vi=window.reason_vi,
            reason_en=window.reason_en,
        )


class MaintenanceStartedV1(EventData):
    """From `started_at` no deadline of a fee runs on, until the end and never after `ends_at`."""

    type: ClassVar[str] = "maintenance.started.v1"

    window_id: UUID
    started_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, window: MaintenanceWindow) -> Self:
        assert window.started_at is not None
        return cls(window_id=window.id, started_at=window.started_at, ends_at=window.ends_at)


class MaintenanceEndedV1(EventData):
    """Deadlines that stood still are later by as long as they stood."""

    type: ClassVar[str] = "maintenance.ended.v1"

    window_id: UUID
    started_at: datetime
    ended_at: datetime

    @classmethod
    def of(cls, window: MaintenanceWindow) -> Self:
        assert window.started_at is not None
        assert window.ended_at is not None
        return cls(window_id=window.id, started_at=window.started_at, ended_at=window.ended_at)
