"""What the log commits itself to, and who else saw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from chassis.canonical import canonical_json, load_json

LEAVES_BETWEEN_MAX: Final = 1_000
EVERY_MAX: Final = timedelta(seconds=10)
# The sequencer takes a turn every second, and a turn may be late.
MARGIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`origin` names the log, so that a witness of several never takes one for another."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def as_object(self) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root.hex(),
            "at": self.at.isoformat(),
        }

    def to_bytes(self) -> bytes:
        return canonical_json(self.as_object())

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises Malformed, KeyError, TypeError or ValueError on anything but a checkpoint."""
        said = load_json(raw)
        return cls(
            origin=str(said["origin"]),
            size=int(said["size"]),
            root=bytes.fromhex(said["root"]),
            at=datetime.fromisoformat(said["at"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """`jws` is a compact JWS (ES256) that carries the checkpoint's canonical bytes."""

    checkpoint: Checkpoint
    jws: str

    def is_due(self, *, size: int, now: datetime, every: timedelta) -> bool:
        """Whether a next one should follow this one."""
        new = size - self.checkpoint.size
        return new >= LEAVES_BETWEEN_MAX or (new > 0 and now - self.checkpoint.at >= every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """A witness that only keeps what it is given signs nothing: its `jws` is None."""

    witness: str
    size: int
    jws: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedCheckpoint:
    signed: SignedCheckpoint
    cosignatures: Sequence[Cosignature]
