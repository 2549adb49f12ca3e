"""How long a stop may last and how early it is announced; data with a date, for the law moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gateway.domain.maintenance.errors import AnnouncedTooLate, StopTooLong

# The law counts days in Vietnam, which has no summer time.
VIETNAM: Final = timedelta(hours=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenancePolicy:
    """In force from the day `since` (GMT+7) until a later policy begins."""

    since: date
    longest: timedelta
    notice: timedelta


# Oldest first. Three hours at most and announced beforehand: the ministry's draft circular on
# paying online for public services. How long beforehand it does not say; a day is ours.
POLICIES: Final[Sequence[MaintenancePolicy]] = (
    MaintenancePolicy(
        since=date(2026, 1, 1), longest=timedelta(hours=3), notice=timedelta(hours=24)
    ),
)


def policy_at(
    moment: datetime, policies: Sequence[MaintenancePolicy] = POLICIES
) -> MaintenancePolicy:
    """The policy in force when a stop begins; the earliest one for all time before it."""
    day = (moment + VIETNAM).date()
    begun = [policy for policy in policies if policy.since <= day]
    return begun[-1] if begun else policies[0]


def require_allowed(
    *, now: datetime, starts_at: datetime, ends_at: datetime, policy: MaintenancePolicy
) -> None:
    if ends_at - starts_at > policy.longest:
        raise StopTooLong(policy.longest)
    if starts_at - now < policy.notice:
        raise AnnouncedTooLate(policy.notice)
