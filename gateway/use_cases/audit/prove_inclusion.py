"""That a record is in the log that was signed: for the evidence bundle, and for auditors."""

from typing import Final
from uuid import UUID

from gateway.domain.audit.checkpoint import WitnessedCheckpoint
from gateway.domain.audit.errors import (
    CheckpointNotFound,
    EntryNotFound,
    NotYetProvable,
    SizesOutOfOrder,
)
from gateway.domain.audit.leaf import InclusionProof, Leaf
from gateway.domain.audit.tree import hash_of, inclusion_spans, places_of
from gateway.ports.audit import AuditTree
from gateway.ports.unit_of_work import UnitOfWork

RECORDED: Final = "evidence.recorded"


async def prove_inclusion(record_or_evidence_id: UUID, *, uow: UnitOfWork) -> InclusionProof | None:
    """None as long as no checkpoint covers the record: up to ten seconds after it was made."""
    async with uow:
        tree = uow.audit_tree
        leaf = await tree.find_leaf(f"evidence:{record_or_evidence_id}", action=RECORDED)
        leaf = leaf or await tree.find_leaf_by_id(record_or_evidence_id)
        if leaf is None:
            return None
        covering = await tree.find_checkpoint_over(leaf.index)
        return None if covering is None else await _prove(leaf, covering, tree)


async def prove_entry(index: int, *, size: int | None, uow: UnitOfWork) -> InclusionProof:
    """Of the leaf at this index, in the tree of `size` leaves; without a size, the first signed."""
    async with uow:
        tree = uow.audit_tree
        leaf = next(iter(await tree.list_leaves(start=index, limit=1)), None)
        if leaf is None or leaf.index != index:
            raise EntryNotFound
        if size is None:
            covering = await tree.find_checkpoint_over(index)
            if covering is None:
                raise NotYetProvable
        else:
            if size <= index:
                raise SizesOutOfOrder
            covering = await tree.find_checkpoint(size)
            if covering is None:
                raise CheckpointNotFound
        return await _prove(leaf, covering, tree)


async def _prove(leaf: Leaf, covering: WitnessedCheckpoint, tree: AuditTree) -> InclusionProof:
    size = covering.signed.checkpoint.size
    spans = inclusion_spans(leaf.index, size)
    nodes = await tree.find_nodes(places_of(spans))
    return InclusionProof(
        index=leaf.index,
        size=size,
        record=leaf.record,
        path=[hash_of(span, nodes) for span in spans],
        checkpoint=covering,
    )
