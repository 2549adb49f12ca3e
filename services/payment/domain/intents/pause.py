"""A planned stop of the platform: while it holds, no deadline of a fee runs on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    window_id: UUID
    started_at: datetime
    ended_at: datetime | None = None

    @property
    def length(self) -> timedelta:
        """How much later every deadline falls that was open meanwhile; zero until the end."""
        return self.ended_at - self.started_at if self.ended_at else timedelta(0)
