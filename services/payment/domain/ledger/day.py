"""The day that a posting belongs to: Vietnam's, whatever the machine's clock is set to."""

from datetime import date, datetime, timedelta
from typing import Final

from chassis.clock import VIETNAM

# A posting that began before midnight has committed long before this.
CLOSED_AFTER: Final = timedelta(minutes=15)


def booking_day(posted_at: datetime) -> date:
    return posted_at.astimezone(VIETNAM).date()


def last_day_over(now: datetime) -> date:
    """The latest day that may be closed: nothing is posted into it any more."""
    return booking_day(now - CLOSED_AFTER) - timedelta(days=1)
