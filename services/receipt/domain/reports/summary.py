"""The summary of a day's documents, form 01/TH-BLĐT: version after version, each kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class SummaryState(StrEnum):
    # Asked for while the day is running.
    OPEN = "open"
    DRAWN_UP = "drawn_up"
    # Something of the day changed after it was drawn up.
    SUPPLEMENTED = "supplemented"


# After a version in this state, and with the day over or not: the state of the next one.
NEXT: Final[Mapping[tuple[SummaryState | None, bool], SummaryState]] = {
    (None, False): SummaryState.OPEN,
    (None, True): SummaryState.DRAWN_UP,
    (SummaryState.OPEN, False): SummaryState.OPEN,
    (SummaryState.OPEN, True): SummaryState.DRAWN_UP,
    (SummaryState.DRAWN_UP, True): SummaryState.SUPPLEMENTED,
    (SummaryState.SUPPLEMENTED, True): SummaryState.SUPPLEMENTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`content` is a canonical JSON list of the day's documents."""

    agency_code: str
    day: date
    version: int
    state: SummaryState
    documents: int
    amount: int
    content: bytes
    sha256: str
    drawn_up_at: datetime
    drawn_up_by: str
