"""The audit log's order in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from gateway.domain.audit.checkpoint import Cosignature, SignedCheckpoint, WitnessedCheckpoint
from gateway.domain.audit.leaf import Backlog, Leaf, LeafFilter, PendingRecord
from gateway.domain.audit.tree import Place


@dataclass
class FakeAuditTree:
    pending: list[PendingRecord] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    nodes: dict[Place, bytes] = field(default_factory=dict)
    checkpoints: list[SignedCheckpoint] = field(default_factory=list)
    cosignatures: list[Cosignature] = field(default_factory=list)
    others_turn: bool = False

    async def take_turn(self) -> bool:
        return not self.others_turn

    async def list_pending(self, *, limit: int) -> Sequence[PendingRecord]:
        return sorted(self.pending, key=lambda one: (one.recorded_at, one.id))[:limit]

    async def backlog(self) -> Backlog:
        oldest = min((one.recorded_at for one in self.pending), default=None)
        return Backlog(pending=len(self.pending), oldest=oldest)

    async def size(self) -> int:
        return len(self.leaves)

    async def place(self, leaves: Sequence[Leaf], nodes: Mapping[Place, bytes]) -> None:
        placed = {leaf.id for leaf in leaves}
        self.leaves += leaves
        self.nodes |= nodes
        self.pending = [one for one in self.pending if one.id not in placed]

    async def find_nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        return {place: self.nodes[place] for place in places if place in self.nodes}

    async def list_leaves(self, *, start: int, limit: int) -> Sequence[Leaf]:
        return self.leaves[start : start + limit]

    async def search(self, wanted: LeafFilter, *, limit: int) -> Sequence[Leaf]:
        fitting = [one for one in self.leaves if wanted.subject in (None, one.subject)]
        return fitting[::-1][:limit]

    async def find_leaf(self, subject: str, *, action: str) -> Leaf | None:
        fitting = (one for one in self.leaves if (one.subject, one.action) == (subject, action))
        return next(fitting, None)

    async def find_leaf_by_id(self, record_id: UUID) -> Leaf | None:
        return next((one for one in self.leaves if one.id == record_id), None)

    async def add_checkpoint(self, signed: SignedCheckpoint) -> None:
        self.checkpoints.append(signed)

    async def latest_checkpoint(self) -> SignedCheckpoint | None:
        return self.checkpoints[-1] if self.checkpoints else None

    async def find_checkpoint(self, size: int) -> WitnessedCheckpoint | None:
        return next(iter(await self.list_checkpoints(after=size - 1, limit=1)), None)

    async def find_checkpoint_over(self, index: int) -> WitnessedCheckpoint | None:
        return next(iter(await self.list_checkpoints(after=index, limit=1)), None)

    async def list_checkpoints(self, *, after: int, limit: int) -> Sequence[WitnessedCheckpoint]:
        return [
            WitnessedCheckpoint(
                signed=one,
                cosignatures=[c for c in self.cosignatures if c.size == one.checkpoint.size],
            )
            for one in self.checkpoints
            if one.checkpoint.size > after
        ][:limit]

    async def add_cosignature(self, cosignature: Cosignature) -> None:
        self.cosignatures.append(cosignature)

    async def last_witnessed(self, witness: str) -> int:
        return max((one.size for one in self.cosignatures if one.witness == witness), default=0)
