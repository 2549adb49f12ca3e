from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from gateway.domain.audit.checkpoint import (
    Checkpoint,
    Cosignature,
    SignedCheckpoint,
    WitnessedCheckpoint,
)
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.audit.leaf import Backlog, Leaf, LeafFilter, PendingRecord
from gateway.domain.audit.tree import Place


class AuditLog(Protocol):
    async def add(self, entry: AuditEntry) -> None:
        """Write down a change in the transaction that makes it; a place in the tree comes later."""


class AuditTree(Protocol):
    """The log in its order, append-only, and what was signed about it."""

    async def take_turn(self) -> bool:
        """Whether this transaction, and no other until it ends, may add to the log."""

    async def list_pending(self, *, limit: int) -> Sequence[PendingRecord]:
        """By time and id."""

    async def backlog(self) -> Backlog: ...

    async def size(self) -> int: ...

    async def place(self, leaves: Sequence[Leaf], nodes: Mapping[Place, bytes]) -> None:
        """Give these their place; they are pending no longer."""

    async def find_nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]: ...

    async def list_leaves(self, *, start: int, limit: int) -> Sequence[Leaf]:
        """In the log's order."""

    async def search(self, wanted: LeafFilter, *, limit: int) -> Sequence[Leaf]:
        """Newest first."""

    async def find_leaf(self, subject: str, *, action: str) -> Leaf | None:
        """The first of this action about the subject."""

    async def find_leaf_by_id(self, record_id: UUID) -> Leaf | None: ...

    async def add_checkpoint(self, signed: SignedCheckpoint) -> None: ...

    async def latest_checkpoint(self) -> SignedCheckpoint | None: ...

    async def find_checkpoint(self, size: int) -> WitnessedCheckpoint | None: ...

    async def find_checkpoint_over(self, index: int) -> WitnessedCheckpoint | None:
        """The smallest over this leaf that a witness has signed; else the smallest."""

    async def list_checkpoints(self, *, after: int, limit: int) -> Sequence[WitnessedCheckpoint]:
        """Of more than `after` leaves, smallest first."""

    async def add_cosignature(self, cosignature: Cosignature) -> None:
        """A repeat changes nothing."""

    async def last_witnessed(self, witness: str) -> int:
        """The size of the latest checkpoint that this witness has; 0 if it has none."""


class CheckpointSigner(Protocol):
    def sign(self, checkpoint: bytes) -> str:
        """A compact JWS over these bytes."""

    def opened(self, jws: str) -> bytes | None:
        """What it carries, if a key of ours has signed it."""


class WitnessAhead(Exception):
    """The witness has seen more, or less, than we thought it had; `size` is what it says."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness holds a checkpoint of {size} leaves")
        self.size = size


class WitnessUnavailable(Exception):
    """No answer that can be used; the next turn tries again."""


class WitnessRefuses(Exception):
    """The witness says that our log is not the one it saw before."""


class Witness(Protocol):
    """Somebody outside who remembers what the log committed itself to."""

    @property
    def name(self) -> str: ...

    async def show(
        self, signed: SignedCheckpoint, *, since: int, proof: Sequence[bytes]
    ) -> str | None:
        """Its signature over the checkpoint, or None if it only keeps it.

        Raises WitnessAhead, WitnessUnavailable or WitnessRefuses.
        """


class AuditGauges(Protocol):
    """How the operators see the log's health."""

    def observe(self, backlog_pending: int, *, oldest_seconds: float) -> None: ...

    def checkpointed(self, checkpoint: Checkpoint) -> None: ...

    def witnessed(self, witness: str, *, size: int) -> None: ...

    def alarm(self, reason: str) -> None:
        """Something was changed that may not change."""
