"""The only place that asks what time it is."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Protocol

# No daylight saving since 1975: a fixed offset needs no time zone database.
VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def vietnam_date(instant: datetime) -> date:
    """The calendar day at which a counter in Vietnam sees this instant."""
    return instant.astimezone(VIETNAM).date()
