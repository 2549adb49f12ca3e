"""Who collects, under which rule, and where numbers come from."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNumbers:
    """Neighbouring numbers and the instant they are dated by, which never runs backwards."""

    first: int
    numbered_at: datetime


class CollectingBodies(Protocol):
    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        """Keep what was published last; older news arriving late changes nothing."""

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None: ...


class ReceiptRules(Protocol):
    async def find(self, *, on: date) -> ReceiptRule | None: ...


class SeriesBook(Protocol):
    async def draw(self, series: ReceiptSeries, *, count: int, now: datetime) -> DrawnNumbers:
        """Numbers that are ours if the transaction commits; nobody else can draw meanwhile."""
