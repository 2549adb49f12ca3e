"""Who collects, under which rule, and where numbers come from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNumbers:
    """Neighbouring numbers and the instant they are dated by, which never runs backwards.

    `signing_waits`: older ones of the series are unsigned, and these shall wait behind them.
    """

    first: int
    numbered_at: datetime
    signing_waits: bool = False


class CollectingBodies(Protocol):
    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        """Keep what was published last; older news arriving late changes nothing."""

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None: ...


class ReceiptRules(Protocol):
    async def find(self, *, on: date) -> ReceiptRule | None: ...


class SeriesBook(Protocol):
    async def draw(self, series: ReceiptSeries, *, count: int, now: datetime) -> DrawnNumbers:
        """Numbers that are ours if the transaction commits; nobody else can draw meanwhile."""

    async def let_signing_wait(self, series: Collection[ReceiptSeries]) -> None:
        """From now on their receipts are left to the pass, which signs in order."""

    async def lease_unsigned(self, *, now: datetime, until: datetime) -> ReceiptSeries | None:
        """A series with receipts to be signed, held by this transaction and then until then."""

    async def end_waiting(self, series: ReceiptSeries) -> None:
        """What is numbered from now on may be signed at once."""

    async def release(self, series: ReceiptSeries, *, at: datetime) -> None:
        """Others may lease it from that moment on."""
