"""A month or a quarter, in Vietnamese days."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Self

from chassis.clock import VIETNAM
from services.receipt.domain.reports.errors import PeriodNotReadable, RangeTooLong

WRITTEN: Final = re.compile(r"(20\d\d)-(?:(0[1-9]|1[0-2])|Q([1-4]))")
DAYS_MAX: Final = 366


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both within."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < DAYS_MAX:
            raise RangeTooLong(DAYS_MAX)

    @classmethod
    def of_period(cls, written: str) -> Self:
        found = WRITTEN.fullmatch(written)
        if found is None:
            raise PeriodNotReadable
        year, month, quarter = found.groups()
        first = date(int(year), int(month) if month else 3 * int(quarter) - 2, 1)
        after = (first + timedelta(days=31 if month else 92)).replace(day=1)
        return cls(first, after - timedelta(days=1))

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.first, time(), VIETNAM)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), VIETNAM)
