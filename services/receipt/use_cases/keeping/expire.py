"""What is past its time: listed, and removed from the vault only where that is switched on."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import structlog

from chassis.clock import Clock, vietnam_date
from chassis.duties import Reach
from chassis.errors import Unavailable
from services.receipt.domain.keeping.kept import KeptDocument
from services.receipt.ports.keeping import Expired, OpenKeeping
from services.receipt.use_cases.keeping.tools import KeepTools

# Few: a mistake should be seen before it is large.
BATCH_MAX: Final = 100
log = structlog.get_logger()


async def list_expired(
    reach: Reach, *, after: UUID | None, limit: int, open_keeping: OpenKeeping, clock: Clock
) -> Sequence[Expired]:
    async with open_keeping() as keeping:
        return await keeping.kept.list_expired(
            today=vietnam_date(clock.now()), agencies=reach.agencies, after=after, limit=limit
        )


async def remove_expired(*, tools: KeepTools) -> int:
    """Remove one batch of copies from the vault; says how many. The database keeps its own.

    Decided behind the gate that placing a hold passes too, then done: a crash between the two, or
    a vault that refuses, is taken up by the next turn if no hold was placed meanwhile.
    """
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        await keeping.holds.close_gate()
        await keeping.kept.decide_removals(today=vietnam_date(now), now=now, limit=BATCH_MAX)
    async with tools.open_keeping() as keeping:
        decided = await keeping.kept.list_removing(limit=BATCH_MAX)
    removed = 0
    for kept in decided:
        try:
            await _remove(kept, tools)
        except Unavailable as refused:
            # A store may lock what we would remove; others are not kept waiting by it.
            log.warning("a copy was not removed", code=refused.code, why=str(refused))
        else:
            removed += 1
    return removed


async def _remove(kept: KeptDocument, tools: KeepTools) -> None:
    async with tools.open_keeping() as keeping:
        shared = await keeping.kept.is_shared(kept)
    if not shared:
        await tools.vault.delete(kept.sha256)
    async with tools.open_keeping() as keeping:
        await keeping.kept.save_removed(kept, at=tools.clock.now())
    log.info("a copy past its time was removed", receipt_id=str(kept.receipt_id))
