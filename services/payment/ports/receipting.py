"""What the payment service knows of receipts, to find settled fees without one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.receipting.gap import (
    FeeAndReceipts,
    GapReason,
    ReceiptGap,
    ReceiptNote,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFilter:
    """`before` is the id of the last one seen; the latest come first."""

    reach: Reach
    reason: GapReason | None = None
    open_only: bool = True
    before: UUID | None = None
    limit: int


class ReceiptWatch(Protocol):
    async def add_note(self, note: ReceiptNote) -> None:
        """A repeat changes nothing."""

    async def get_watched_until(self) -> datetime | None:
        """Up to which settlement all were looked at; of several watchers one goes on."""

    async def set_watched_until(self, moment: datetime) -> None: ...

    async def list_settled(
        self, *, after: datetime, until: datetime, behind: UUID | None, limit: int
    ) -> Sequence[FeeAndReceipts]:
        """The earliest settled first; of those settled at `after` itself, the ones behind this id,
        and none where there is no id."""

    async def list_fees(self, payment_intent_ids: Collection[UUID]) -> Sequence[FeeAndReceipts]:
        """An unknown payment is one that is not settled."""

    async def list_open(self, *, limit: int) -> Sequence[ReceiptGap]:
        """Those open for longest first."""

    async def add_gap(self, gap: ReceiptGap) -> bool:
        """False: this payment has an open gap of this reason already."""

    async def close_gaps_of(self, fee: FeeAndReceipts, *, at: datetime) -> None:
        """Those of this payment that are not how it stands now."""

    async def close_gaps(self, gap_ids: Collection[UUID], *, at: datetime) -> None: ...

    async def count_open(self) -> Mapping[GapReason, int]: ...

    async def list_page(self, wanted: GapFilter) -> Sequence[ReceiptGap]: ...
