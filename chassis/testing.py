"""Stand-ins for tests: time that stands still, ids that repeat, an outbox that remembers."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.events import EventData


class FrozenClock:
    def __init__(self, instant: datetime = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def advance(self, step: timedelta) -> None:
        self._instant += step


class FakeIds:
    """The same ids in every run, all different within one."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        return UUID(int=0x0199_0000_0000_7000_8000 << 48 | self._count)

    def token(self, size_bytes: int = 16) -> str:
        self._count += 1
        return f"{self._count:0{-(-size_bytes * 4 // 3)}d}"


class RecordingOutbox:
    def __init__(self) -> None:
        self.events: list[EventData] = []

    async def add(self, data: EventData, *, subject: str) -> None:
        self.events.append(data)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class SetInbox:
    def __init__(self) -> None:
        self._seen: set[tuple[UUID, str]] = set()

    async def claim(self, event_id: UUID, consumer: str) -> bool:
        first = (event_id, consumer) not in self._seen
        self._seen.add((event_id, consumer))
        return first
