from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from gateway.domain.audit.checkpoint import EVERY_MAX, MARGIN, Checkpoint, SignedCheckpoint
from gateway.domain.audit.errors import LogBroken
from gateway.domain.audit.tree import (
    consistency_spans,
    grow,
    hash_of,
    is_consistent,
    leaf_hash,
    places_of,
)
from gateway.ports.audit import AuditTree, CheckpointSigner
from gateway.ports.unit_of_work import UnitOfWork

READ_AT_ONCE_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningTools:
    signer: CheckpointSigner
    clock: Clock
    origin: str
    every: timedelta = EVERY_MAX - MARGIN


async def sign_checkpoint(*, uow: UnitOfWork, tools: SigningTools) -> SignedCheckpoint | None:
    """Sign what the log has become, if it is time.

    Raises LogBroken when it does not extend what was signed last.
    """
    async with uow:
        tree = uow.audit_tree
        if not await tree.take_turn():
            return None
        size, last = await tree.size(), await tree.latest_checkpoint()
        now = tools.clock.now()
        if last is None and size == 0:
            return None
        if last is not None:
            if size < last.checkpoint.size:
                raise LogBroken(f"{last.checkpoint.size} leaves were signed; {size} are there")
            if not last.is_due(size=size, now=now, every=tools.every):
                return None
            _require_own(last, tools)
        root = await _root_of(size, last, tree)
        said = Checkpoint(origin=tools.origin, size=size, root=root, at=now)
        signed = SignedCheckpoint(checkpoint=said, jws=tools.signer.sign(said.to_bytes()))
        await tree.add_checkpoint(signed)
        return signed


def _require_own(last: SignedCheckpoint, tools: SigningTools) -> None:
    """The row says what our signature says, and it is of this log."""
    if last.checkpoint.origin != tools.origin:
        raise LogBroken("the last checkpoint is of another log")
    if tools.signer.opened(last.jws) != last.checkpoint.to_bytes():
        raise LogBroken(f"the checkpoint of {last.checkpoint.size} leaves is not what we signed")


async def _root_of(size: int, last: SignedCheckpoint | None, tree: AuditTree) -> bytes:
    first, first_root = (0, hash_of((0, 0), {}))
    if last is not None:
        first, first_root = last.checkpoint.size, last.checkpoint.root
    await _require_grown(first, size, tree)
    spans = consistency_spans(first, size)
    nodes = await tree.find_nodes(places_of([*spans, (0, first), (0, size)]))
    root = hash_of((0, size), nodes)
    path = [hash_of(span, nodes) for span in spans]
    if hash_of((0, first), nodes) != first_root or not is_consistent(
        first, first_root, size, root, path
    ):
        raise LogBroken(f"the log no longer begins with the {first} leaves that were signed")
    return root


async def _require_grown(first: int, size: int, tree: AuditTree) -> None:
    """The nodes that joined since are made of the records that joined, and of nothing else."""
    while first < size:
        leaves = await tree.list_leaves(start=first, limit=min(READ_AT_ONCE_MAX, size - first))
        if [leaf.index for leaf in leaves] != list(range(first, first + len(leaves))) or not leaves:
            raise LogBroken(f"the log has a gap after {first} leaves")
        known = await tree.find_nodes(places_of([(0, first)]))
        grown = grow(first, known, [leaf_hash(leaf.record) for leaf in leaves])
        end = first + len(leaves)
        kept = await tree.find_nodes(peaks := places_of([(0, end)]))
        if any(kept.get(place) != grown.get(place, known.get(place)) for place in peaks):
            raise LogBroken(f"the nodes over leaves {first} to {end} are not made of their records")
        first = end
