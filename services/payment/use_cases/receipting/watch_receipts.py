"""Every settled fee has its receipts within seconds, or somebody gets to know.

The settlements are looked at in their order, each once, and those with a gap again until it
closes: a look costs the same however long the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.receipting.gap import (
    PATIENCE,
    FeeAndReceipts,
    GapReason,
    ReceiptGap,
)
from services.payment.ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 1_000
# A settlement is dated before it is committed; nobody's commit takes this long.
OVERLAP: Final = timedelta(minutes=1)
FIRST_LOOK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found, and what is open after it."""

    found: Sequence[ReceiptGap]
    open_by_reason: Mapping[GapReason, int]


async def watch_receipts(*, uow: UnitOfWork, clock: Clock, ids: Ids) -> Look:
    """Walk from a little before the last look to the present, page by page: however many settle
    within the overlap, each page begins behind the one before, so the walk always ends."""
    async with uow:
        now = clock.now()
        await _close_what_agrees(uow, at=now)
        until = now - PATIENCE
        watched = await uow.receipts.get_watched_until() or until - FIRST_LOOK
    found: list[ReceiptGap] = []
    after, behind = min(watched, until) - OVERLAP, None
    while True:
        async with uow:
            fees = await uow.receipts.list_settled(
                after=after, until=until, behind=behind, limit=BATCH_MAX
            )
            gaps = [gap_of(fee, at=now, ids=ids) for fee in fees if fee.reason]
            found += [gap for gap in gaps if await uow.receipts.add_gap(gap)]
            if len(fees) < BATCH_MAX:
                await uow.receipts.set_watched_until(until)
                return Look(found=found, open_by_reason=await uow.receipts.count_open())
            after, behind = fees[-1].settled_at or until, fees[-1].payment_intent_id
            await uow.receipts.set_watched_until(after)


def gap_of(fee: FeeAndReceipts, *, at: datetime, ids: Ids) -> ReceiptGap:
    if fee.reason is None:
        raise ValueError("money and receipts agree")
    return ReceiptGap(
        id=ids.new(),
        payment_intent_id=fee.payment_intent_id,
        agency_code=fee.agency_code,
        reason=fee.reason,
        expected=fee.expected,
        heard=fee.heard,
        settled_at=fee.settled_at,
        found_at=at,
    )


async def _close_what_agrees(uow: UnitOfWork, *, at: datetime) -> None:
    waiting = await uow.receipts.list_open(limit=BATCH_MAX)
    fees = await uow.receipts.list_fees({gap.payment_intent_id for gap in waiting})
    reasons = {fee.payment_intent_id: fee.reason for fee in fees}
    closed = [gap.id for gap in waiting if reasons[gap.payment_intent_id] is not gap.reason]
    await uow.receipts.close_gaps(closed, at=at)
