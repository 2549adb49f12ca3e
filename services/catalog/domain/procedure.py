from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.catalog.domain.agency import matches
from services.catalog.domain.errors import BadCode, BadProcessingTime, Empty, RepeatedEntry
from services.catalog.domain.period import Period

# The national number, and the province's suffix where a copy of the list carries one.
PROCEDURE_CODE: Final = r"^\d\.\d{6}(?:\.000\.00\.00\.H\d{2})?$"


class Level(StrEnum):
    FULL = "full"  # toàn trình
    PARTIAL = "partial"  # một phần


class DayKind(StrEnum):
    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A public procedure that citizens and firms may ask for.

    Zero processing days is the same day; None means that the law counts by case.
    Illustrative: the level or the days are sample values, not read from a decision.
    """

    code: str
    name: str
    agency_codes: tuple[str, ...]
    level: Level
    processing_days: int | None
    processing_day_kind: DayKind
    illustrative: bool
    period: Period

    def __post_init__(self) -> None:
        if not matches(PROCEDURE_CODE, self.code):
            raise BadCode("a procedure", self.code)
        where = f"Procedure {self.code}"
        if not self.name.strip():
            raise Empty(where, "name")
        if not self.agency_codes:
            raise Empty(where, "agency_codes")
        if len(set(self.agency_codes)) != len(self.agency_codes):
            raise RepeatedEntry(where, "an agency")
        if self.processing_days is not None and self.processing_days < 0:
            raise BadProcessingTime(self.code)
