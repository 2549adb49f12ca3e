"""Records on their way into the log, and in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.audit.checkpoint import WitnessedCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRecord:
    id: UUID
    record: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """`record` is what is hashed; action, actor and subject stand beside it to be found by."""

    index: int
    id: UUID
    record: bytes
    hash: bytes
    recorded_at: datetime
    action: str
    actor: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafFilter:
    """What is asked for; `before` is an index: newest first, below it."""

    action: str | None = None
    actor: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That a record is leaf `index` of the tree of `size` leaves that the checkpoint signs."""

    index: int
    size: int
    record: bytes
    path: Sequence[bytes]
    checkpoint: WitnessedCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    first: int
    second: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    pending: int
    oldest: datetime | None
