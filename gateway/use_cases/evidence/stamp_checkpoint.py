from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from gateway.domain.audit.checkpoint import SignedCheckpoint
from gateway.domain.evidence.errors import TimeStampUnavailable
from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.ports.evidence import StampGauges, TimeStamps
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class StampingTools:
    time_stamps: TimeStamps
    gauges: StampGauges
    clock: Clock
    every: timedelta


async def stamp_checkpoint(*, uow: UnitOfWork, tools: StampingTools) -> CheckpointStamp | None:
    """Have the newest checkpoint stamped, if it is time; a failure is tried again next turn.

    No transaction is open while the authority is asked, and no fee ever waits for it.
    """
    due = await _due(uow, tools)
    if due is None:
        return None
    try:
        given = await tools.time_stamps.stamp(due.jws.encode("ascii"))
    except TimeStampUnavailable as failed:
        tools.gauges.failed(str(failed))
        return None
    stamp = CheckpointStamp(size=due.checkpoint.size, token=given.token, at=given.at)
    async with uow:
        await uow.checkpoint_stamps.add(stamp)
    tools.gauges.stamped(stamp)
    return stamp


async def _due(uow: UnitOfWork, tools: StampingTools) -> SignedCheckpoint | None:
    async with uow:
        newest = await uow.audit_tree.latest_checkpoint()
        last = await uow.checkpoint_stamps.latest()
    if newest is None or last is None:
        return newest
    now, size = tools.clock.now(), newest.checkpoint.size
    return newest if last.is_next_due(size=size, now=now, every=tools.every) else None
