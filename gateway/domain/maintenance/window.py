"""A planned stop: announced beforehand, started and ended on time, never longer than planned."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from gateway.domain.errors import IllegalTransition
from gateway.domain.maintenance.errors import EndsBeforeStart


class WindowState(StrEnum):
    ANNOUNCED = "announced"
    STARTED = "started"
    ENDED = "ended"
    CANCELLED = "cancelled"


WINDOW_ALLOWED: Final[Mapping[WindowState, frozenset[WindowState]]] = {
    WindowState.ANNOUNCED: frozenset({WindowState.STARTED, WindowState.CANCELLED}),
    WindowState.STARTED: frozenset({WindowState.ENDED}),
    WindowState.ENDED: frozenset(),
    WindowState.CANCELLED: frozenset(),
}
# These two still lie in the future or have not ended, so no other window may cross them.
STANDING: Final = frozenset({WindowState.ANNOUNCED, WindowState.STARTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """`reason` is what the public reads, in both languages."""

    id: UUID
    reason_vi: str
    reason_en: str
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime
    announced_by: str
    state: WindowState = WindowState.ANNOUNCED
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise EndsBeforeStart

    def start(self, at: datetime) -> Self:
        return replace(self._to(WindowState.STARTED), started_at=at)

    def end(self, at: datetime) -> Self:
        return replace(self._to(WindowState.ENDED), ended_at=at)

    def cancel(self, at: datetime) -> Self:
        return replace(self._to(WindowState.CANCELLED), ended_at=at)

    def is_due(self, now: datetime) -> bool:
        return self.state is WindowState.ANNOUNCED and self.starts_at <= now

    def is_over(self, now: datetime) -> bool:
        return self.state is WindowState.STARTED and self.ends_at <= now

    def holds_at(self, now: datetime) -> bool:
        """Whether fees are shut: a late worker neither delays the stop nor makes it longer."""
        if self.state not in STANDING:
            return False
        return self.starts_at <= now < self.ends_at

    def _to(self, state: WindowState) -> Self:
        if state not in WINDOW_ALLOWED[self.state]:
            raise IllegalTransition(
                f"Maintenance window {self.id}", current=self.state, wanted=state.value
            )
        return replace(self, state=state)
