from collections.abc import Sequence
from typing import Final

from chassis.canonical import load_json
from chassis.errors import Malformed
from gateway.domain.audit.errors import LogBroken
from gateway.domain.audit.leaf import Leaf, PendingRecord
from gateway.domain.audit.tree import grow, leaf_hash, places_of
from gateway.ports.audit import AuditTree
from gateway.ports.unit_of_work import UnitOfWork

PLACED_AT_ONCE_MAX: Final = 500


async def place_pending(*, uow: UnitOfWork, limit: int = PLACED_AT_ONCE_MAX) -> int:
    """Give the records that wait longest their place in the log; says how many.

    Only one worker at a time does this; another finds nothing to do.
    """
    async with uow:
        tree = uow.audit_tree
        if not await tree.take_turn():
            return 0
        waiting = await tree.list_pending(limit=limit)
        if waiting:
            await _place(waiting, tree)
        return len(waiting)


async def _place(waiting: Sequence[PendingRecord], tree: AuditTree) -> None:
    size, last = await tree.size(), await tree.latest_checkpoint()
    if last is not None and size < last.checkpoint.size:
        raise LogBroken(f"{last.checkpoint.size} leaves were signed; {size} are there")
    leaves = [_leaf_of(one, index) for index, one in enumerate(waiting, start=size)]
    known = await tree.find_nodes(places_of([(0, size)]))
    await tree.place(leaves, grow(size, known, [leaf.hash for leaf in leaves]))


def _leaf_of(pending: PendingRecord, index: int) -> Leaf:
    try:
        said = load_json(pending.record)
        fits = said["id"] == str(pending.id)
        action, actor, subject = (str(said[name]) for name in ("action", "actor", "subject"))
    except (Malformed, KeyError, TypeError) as error:
        raise LogBroken(f"the pending record {pending.id} cannot be read") from error
    if not fits:
        raise LogBroken(f"the pending record {pending.id} is another's")
    return Leaf(
        index=index,
        id=pending.id,
        record=pending.record,
        hash=leaf_hash(pending.record),
        recorded_at=pending.recorded_at,
        action=action,
        actor=actor,
        subject=subject,
    )
