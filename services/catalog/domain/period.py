from dataclasses import dataclass
from datetime import date

from services.catalog.domain.errors import BadPeriod


@dataclass(frozen=True, slots=True)
class Period:
    """The days something holds: both ends included; no end means until further notice."""

    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise BadPeriod(self.valid_from, self.valid_to)

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "Period") -> bool:
        return self.holds_on(other.valid_from) or other.holds_on(self.valid_from)
