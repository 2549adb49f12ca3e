"""How much of a month the platform answered, counted minute by minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def month_of(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Minutes of one month (UTC). A minute that nobody watched counts as down, not as up."""

    month: str
    minutes: int
    minutes_up: int
    minutes_of_maintenance: int
    minutes_up_in_maintenance: int

    @property
    def percent(self) -> str:
        """Of all minutes, stops included; two digits after the point, never rounded up."""
        return _percent(self.minutes_up, self.minutes)

    @property
    def percent_outside_maintenance(self) -> str:
        """Announced stops taken out of both sides of the division."""
        return _percent(
            self.minutes_up - self.minutes_up_in_maintenance,
            self.minutes - self.minutes_of_maintenance,
        )


def _percent(part: int, whole: int) -> str:
    if whole <= 0:
        return "100.00"
    hundredths = part * 10_000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}"
