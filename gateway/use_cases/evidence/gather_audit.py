from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.domain.audit.leaf import InclusionProof, Leaf
from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.audit.prove_inclusion import RECORDED, prove_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditMaterial:
    """All under one checkpoint; the stamp is over that one, if there is one."""

    proofs: Mapping[UUID, InclusionProof]
    stamp: CheckpointStamp | None


async def gather_audit(evidence_ids: Sequence[UUID], *, uow: UnitOfWork) -> AuditMaterial | None:
    """None as long as no signed checkpoint covers every one of them."""
    async with uow:
        leaves: dict[UUID, Leaf] = {}
        for one in evidence_ids:
            leaf = await uow.audit_tree.find_leaf(f"evidence:{one}", action=RECORDED)
            if leaf is None:
                return None
            leaves[one] = leaf
        last = max(leaf.index for leaf in leaves.values())
        stamp = await uow.checkpoint_stamps.find_over(last)
        size = stamp.size if stamp else await _size_over(last, uow)
    if size is None:
        return None
    proofs = {
        one: await prove_entry(leaf.index, size=size, uow=uow) for one, leaf in leaves.items()
    }
    return AuditMaterial(proofs=proofs, stamp=stamp)


async def _size_over(index: int, uow: UnitOfWork) -> int | None:
    covering = await uow.audit_tree.find_checkpoint_over(index)
    return None if covering is None else covering.signed.checkpoint.size
