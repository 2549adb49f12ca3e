from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, pairwise
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from services.catalog.domain.agency import matches
from services.catalog.domain.errors import (
    AmbiguousFee,
    BadCode,
    Empty,
    FeeAlreadyPublished,
    OverlappingPeriods,
    PeriodAlreadyOver,
    RepeatedEntry,
)
from services.catalog.domain.fee_line import FeeLine
from services.catalog.domain.period import Period
from services.catalog.domain.procedure import PROCEDURE_CODE

SCHEDULES: Final = uuid5(NAMESPACE_URL, "urn:lephi:fee-schedule")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """What a procedure costs during one period."""

    procedure_code: str
    period: Period
    lines: tuple[FeeLine, ...]
    explanation_vi: str
    explanation_en: str

    def __post_init__(self) -> None:
        if not matches(PROCEDURE_CODE, self.procedure_code):
            raise BadCode("a procedure", self.procedure_code)
        where = f"Fees of {self.procedure_code} from {self.period.valid_from}"
        if not self.lines:
            # A free procedure says so with a line of 0, and with the law that makes it free.
            raise Empty(where, "lines")
        seen: set[str] = set()
        for line in self.lines:
            line.check(f"{where}, line {line.line_code}")
            if line.line_code in seen:
                raise RepeatedEntry(where, f"line {line.line_code}")
            seen.add(line.line_code)
            if line.illustrative and not (self.explanation_vi and self.explanation_en):
                raise Empty(where, "explanation")
        for first, second in combinations(self.lines, 2):
            same_fee = (first.kind, first.name) == (second.kind, second.name)
            if same_fee and first.may_meet(second):
                raise AmbiguousFee(where, first.line_code, second.line_code)

    @property
    def id(self) -> UUID:
        """The same wherever and whenever the schedule is loaded, so copies never double."""
        return uuid5(SCHEDULES, f"{self.procedure_code} {self.period.valid_from}")

    def revised_as(self, wanted: "FeeSchedule", *, today: date) -> "FeeSchedule":
        """Take over a new end or explanation. Prices, once published, stay; so does the past."""
        if wanted.lines != self.lines:
            raise FeeAlreadyPublished(self.procedure_code, self.period.valid_from)
        ends = (self.period.valid_to, wanted.period.valid_to)
        if ends[0] != ends[1]:
            for end in ends:
                if end is not None and end < today:
                    raise PeriodAlreadyOver(self.procedure_code, self.period.valid_from, end)
        return replace(
            self,
            period=wanted.period,
            explanation_vi=wanted.explanation_vi,
            explanation_en=wanted.explanation_en,
        )


def refuse_overlaps(schedules: Iterable[FeeSchedule]) -> None:
    """On any day a procedure has one set of fees or none."""
    in_order = sorted(schedules, key=lambda s: (s.procedure_code, s.period.valid_from))
    for earlier, later in pairwise(in_order):
        same = earlier.procedure_code == later.procedure_code
        if same and earlier.period.overlaps(later.period):
            raise OverlappingPeriods(
                later.procedure_code, earlier.period.valid_from, later.period.valid_from
            )
