"""A series from its planning to its end. Numbers come from an open one alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from services.receipt.domain.series.errors import IllegalSeriesTransition, SeriesNotWhole
from services.receipt.domain.series.series import ReceiptSeries

# Of a form code: receipts of one printed value, as tickets are.
WITH_FACE_VALUE: Final = "02"
# Who opens and closes what nobody is asked about.
PLATFORM: Final = "platform"


class SeriesState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


ALLOWED: Final[Mapping[SeriesState, frozenset[SeriesState]]] = {
    SeriesState.PLANNED: frozenset({SeriesState.OPEN, SeriesState.CLOSED}),
    SeriesState.OPEN: frozenset({SeriesState.CLOSED}),
    SeriesState.CLOSED: frozenset(),
}


class Closing(StrEnum):
    """Why it ended."""

    FULL = "full"
    YEAR_END = "year_end"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What there is of a series' receipts."""

    receipts: int
    unsigned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesLife:
    """`planned_by` and the like are subjects of people; the platform's own doing names itself."""

    series: ReceiptSeries
    year: int
    letters: str
    # In đồng; null where each receipt says its own amount.
    face_value: int | None
    state: SeriesState
    last_number: int
    last_numbered_at: datetime
    planned_at: datetime
    planned_by: str
    opened_at: datetime | None = None
    opened_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing: Closing | None = None
    reason: str | None = None

    @classmethod
    def plan(
        cls,
        series: ReceiptSeries,
        *,
        letters: str,
        year: int,
        face_value: int | None,
        at: datetime,
        by: str,
    ) -> Self:
        return cls(
            series=series,
            year=year,
            letters=letters,
            face_value=face_value,
            state=SeriesState.PLANNED,
            last_number=0,
            last_numbered_at=at,
            planned_at=at,
            planned_by=by,
        )

    def open(self, *, at: datetime, by: str) -> Self:
        self._require(SeriesState.OPEN)
        return replace(self, state=SeriesState.OPEN, opened_at=at, opened_by=by)

    def close(
        self, closing: Closing, *, tally: Tally, at: datetime, by: str, reason: str | None = None
    ) -> Self:
        """Only a whole one: each number has its receipt, and each receipt its signature."""
        self._require(SeriesState.CLOSED)
        missing = self.last_number - tally.receipts
        if missing or tally.unsigned:
            raise SeriesNotWhole(self.series.symbol, missing=missing, unsigned=tally.unsigned)
        return replace(
            self,
            state=SeriesState.CLOSED,
            closed_at=at,
            closed_by=by,
            closing=closing,
            reason=reason,
        )

    def _require(self, wanted: SeriesState) -> None:
        if wanted not in ALLOWED[self.state]:
            raise IllegalSeriesTransition(self.series.symbol, current=self.state, wanted=wanted)
