"""A provider's day, by the calendar of Vietnam."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from chassis.clock import VIETNAM


def begin_of_day(on: date) -> datetime:
    return datetime.combine(on, time(), tzinfo=VIETNAM)


def end_of_day(on: date) -> datetime:
    """The first instant that is not of the day any more."""
    return begin_of_day(on) + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """What a provider says of its day; money in the platform's currency."""

    payments: int
    payments_minor_units: int
    refunds: int
    refunds_minor_units: int
    fees_minor_units: int
    currency: str = "VND"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementDay:
    """Closed: our books and the provider's statement agree, or a person answers for the rest."""

    id: UUID
    provider: str
    on: date
    totals: DayTotals
    differences_signed_off: int
    closed_by: str
    closed_at: datetime
