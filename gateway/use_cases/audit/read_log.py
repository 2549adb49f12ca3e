"""What auditors and witnesses read of the log."""

from collections.abc import Sequence

from gateway.domain.audit.checkpoint import WitnessedCheckpoint
from gateway.domain.audit.errors import CheckpointNotFound
from gateway.domain.audit.leaf import Leaf, LeafFilter
from gateway.ports.unit_of_work import UnitOfWork


async def find_latest_checkpoint(*, uow: UnitOfWork) -> WitnessedCheckpoint:
    async with uow:
        latest = await uow.audit_tree.latest_checkpoint()
        found = latest and await uow.audit_tree.find_checkpoint(latest.checkpoint.size)
    if not found:
        raise CheckpointNotFound
    return found


async def list_checkpoints(
    *, after: int, limit: int, uow: UnitOfWork
) -> Sequence[WitnessedCheckpoint]:
    async with uow:
        return await uow.audit_tree.list_checkpoints(after=after, limit=limit)


async def search_entries(wanted: LeafFilter, *, limit: int, uow: UnitOfWork) -> Sequence[Leaf]:
    async with uow:
        return await uow.audit_tree.search(wanted, limit=limit)
