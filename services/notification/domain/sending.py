"""What one try at sending came to, when the next one is, and who may make it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID


class Verdict(StrEnum):
    DONE = "done"
    AGAIN = "again"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`reason` is a word for machines; it never carries what the other side said."""

    verdict: Verdict
    reason: str | None = None
    status_code: int | None = None

    @classmethod
    def done(cls, *, status_code: int | None = None) -> Self:
        return cls(verdict=Verdict.DONE, status_code=status_code)

    @classmethod
    def again(cls, reason: str, *, status_code: int | None = None) -> Self:
        return cls(verdict=Verdict.AGAIN, reason=reason, status_code=status_code)

    @classmethod
    def never(cls, reason: str, *, status_code: int | None = None) -> Self:
        return cls(verdict=Verdict.NEVER, reason=reason, status_code=status_code)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """How long to wait after the first, second, … failed try. After the last wait: one more try."""

    waits: tuple[timedelta, ...]

    @classmethod
    def of_seconds(cls, *seconds: float) -> Self:
        return cls(tuple(timedelta(seconds=wait) for wait in seconds))

    def wait_after(self, attempts: int) -> timedelta | None:
        """None when that many tries are enough."""
        return self.waits[attempts - 1] if attempts <= len(self.waits) else None


# 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h: eight tries in a little over 31 hours.
DEFAULT_RETRY_SECONDS: Final = (5.0, 30.0, 120.0, 600.0, 3_600.0, 21_600.0, 86_400.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A worker's claim on what it is about to send; void once another lease replaced it."""

    id: UUID
    taken_at: datetime
    until: datetime
