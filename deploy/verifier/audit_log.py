"""Judges an audit log that passes by as a stream: its tree, its checkpoints, its witnesses.

Nothing is held but the tree's right edge, so the log may be of any length.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from deploy.verifier.anchors import Jwk
from deploy.verifier.audit_signatures import (
    MEMBERS,
    Checkpoint,
    checkpoint_of,
    read_checkpoint,
    require_cosigned,
)
from deploy.verifier.audit_tree import GrowingTree, Node, hash_leaf
from deploy.verifier.encodings import canonical_object, instant_at, text_at
from deploy.verifier.verdict import Broken, Item, Verdict, require

PROBLEMS_TOLD_MAX: Final = 20
RECORD: Final = frozenset({"id", "at", "action", "actor", "subject", "details"})
KINDS: Final = ("leaves", "checkpoints", "witnesses")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditKeys:
    """`checkpoint_keys` by thumbprint, `witness_keys` by the witness's name."""

    checkpoint_keys: Mapping[str, Jwk]
    witness_keys: Mapping[str, Jwk]

    @classmethod
    def of(cls, anchors: Mapping[str, Any]) -> "AuditKeys":
        return cls(
            checkpoint_keys=anchors.get("checkpoint_keys", {}),
            witness_keys=anchors.get("witness_keys", {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A checkpoint that a witness holds, from wherever it keeps them."""

    witness: str
    size: int
    jws: Any


@dataclass(slots=True)
class Problems:
    """Counts all, tells the first few of each kind."""

    counts: dict[str, int] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, reason: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(told := self.told.setdefault(kind, [])) < PROBLEMS_TOLD_MAX:
            told.append(reason)

    def item(self, kind: str, otherwise: str) -> Item:
        count = self.counts.get(kind, 0)
        if not count:
            return Item(kind, True, otherwise)
        more = count - len(self.told[kind])
        said = "; ".join(self.told[kind]) + (f"; and {more} more" if more else "")
        return Item(kind, False, said)


class AuditJudge:
    def __init__(self, keys: AuditKeys, held: Iterable[Held] = ()) -> None:
        """`held` comes smallest first."""
        self.problems = Problems()
        self.tree = GrowingTree()
        self._keys = keys
        self._held: Iterator[Held] = iter(held)
        self._next_held = next(self._held, None)
        self._last: Checkpoint | None = None
        self._checkpoints = self._cosigned = self._compared = 0

    def add_leaf(self, index: Any, record: Any, leaf_hash: Any) -> Sequence[Node]:
        """Says which subtrees are complete now."""
        self._compare_held()
        try:
            require(index == self.tree.size, f"leaf {self.tree.size} is missing: {index} follows")
            require_record(record)
            require(leaf_hash == hash_leaf(record), f"leaf {index} is not the hash of its record")
        except Broken as broken:
            self.problems.add("leaves", str(broken))
        # What the record says decides; a wrong record leads to a wrong root.
        return self.tree.add(hash_leaf(record if isinstance(record, bytes) else b""))

    def add_checkpoint(self, said: Mapping[str, Any]) -> None:
        """The members of a checkpoint with its `jws` and `cosignatures`; after its last leaf."""
        self._checkpoints += 1
        try:
            given = checkpoint_of({name: said.get(name) for name in MEMBERS})
            self._require_right(given, said.get("jws"))
            self._last = given
        except Broken as broken:
            self.problems.add("checkpoints", f"of {said.get('size')} leaves: {broken}")
            return
        for one in said.get("cosignatures", ()):
            self._read_cosignature(one, given)

    def finish(self) -> None:
        self._compare_held()
        while self._next_held is not None:
            held = self._next_held
            shrunk = f"{held.witness} holds a checkpoint of {held.size} leaves; {self.tree.size}"
            self.problems.add("witnesses", f"{shrunk} are there")
            self._next_held = next(self._held, None)
        if self.tree.size and not self._checkpoints:
            self.problems.add("checkpoints", "nothing of the log is signed")

    def verdict(self, more: Sequence[Item] = ()) -> Verdict:
        signed = self._last.size if self._last else 0
        waiting = self.tree.size - signed
        said = (
            f"{self.tree.size} records, {signed} of them signed",
            f"{self._checkpoints} signed, each extends the one before; {waiting} records follow",
            f"{self._cosigned} cosignatures hold, {self._compared} held by witnesses compared",
        )
        items = [self.problems.item(kind, told) for kind, told in zip(KINDS, said, strict=True)]
        return Verdict("audit log", (*items, *more))

    def _require_right(self, given: Checkpoint, jws: Any) -> None:
        signed = read_checkpoint(jws, self._keys.checkpoint_keys)
        require(signed.said == given.said, "something else was signed")
        require(given.size == self.tree.size, f"it stands after {self.tree.size} leaves")
        require(given.root == self.tree.root(), "the leaves lead to another root")
        if self._last is not None:
            require(given.size > self._last.size, "it does not follow the one before")
            require(given.at >= self._last.at, "it is older than the one before")
            require(given.origin == self._last.origin, "it is of another log")

    def _read_cosignature(self, said: Any, checkpoint: Checkpoint) -> None:
        name = str(said.get("witness")) if isinstance(said, dict) else ""
        if isinstance(said, dict) and said.get("jws") is None:
            return  # Of a witness that keeps and does not sign.
        try:
            require(isinstance(said, dict), "a cosignature is no object")
            require_cosigned(said["jws"], checkpoint, witness=name, keys=self._keys.witness_keys)
        except Broken as broken:
            self.problems.add("witnesses", f"{name} under {checkpoint.size} leaves: {broken}")
            return
        self._cosigned += 1

    def _compare_held(self) -> None:
        """What witnesses hold of the present size, once its leaves and checkpoint are there."""
        while self._next_held is not None and self._next_held.size <= self.tree.size:
            held = self._next_held
            try:
                seen = read_checkpoint(held.jws, self._keys.checkpoint_keys)
                require(held.size == self.tree.size, "it does not come in its order")
                require(seen.root == self.tree.root(), "it has another root: the log was rewritten")
                kept = self._last is not None and self._last.said == seen.said
                require(kept, "we no longer have this checkpoint")
            except Broken as broken:
                self.problems.add("witnesses", f"{held.witness}, {held.size} leaves: {broken}")
            self._compared += 1
            self._next_held = next(self._held, None)


def require_record(record: Any) -> dict[str, Any]:
    """A record in its one spelling, with the members agreed on."""
    require(isinstance(record, bytes), "a record is no sequence of bytes")
    said = canonical_object(record, "a record")
    require(said.keys() == RECORD, "a record has other members than agreed")
    instant_at(said, "at", "a record")
    for name in ("id", "action", "actor", "subject"):
        text_at(said, name, "a record")
    require(isinstance(said["details"], dict), "a record has no details")
    return said
