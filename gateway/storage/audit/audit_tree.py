from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, text, tuple_
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from gateway.domain.audit.errors import LogBroken
from gateway.domain.audit.leaf import Backlog, Leaf, LeafFilter, PendingRecord
from gateway.domain.audit.tree import Nodes, Place
from gateway.storage.audit.checkpoints import SqlCheckpoints
from gateway.storage.audit.tables import AUDIT_LEAF, AUDIT_NODE, AUDIT_PENDING

# Any number will do, as long as nothing else of this database locks it.
TURN: Final = 0x1E9A_0D17
# A proof over a log of 2^40 leaves is made of fewer.
PLACES_MAX: Final = 256
# Beyond this the operators' figure says "at least".
COUNTED_MAX: Final = 100_000

PENDING: Final = (
    select(AUDIT_PENDING)
    .order_by(AUDIT_PENDING.c.recorded_at, AUDIT_PENDING.c.id)
    .limit(bindparam("limit"))
)
LEAVES: Final = (
    select(AUDIT_LEAF)
    .where(AUDIT_LEAF.c.index >= bindparam("start"))
    .order_by(AUDIT_LEAF.c.index)
    .limit(bindparam("limit"))
)
FIRST_OF_SUBJECT: Final = (
    select(AUDIT_LEAF)
    .where(AUDIT_LEAF.c.subject == bindparam("subject"), AUDIT_LEAF.c.action == bindparam("action"))
    .order_by(AUDIT_LEAF.c.index)
    .limit(1)
)


class SqlAuditTree(SqlCheckpoints):
    async def take_turn(self) -> bool:
        if self._connection.dialect.name == "sqlite":
            return True  # Whoever is in a transaction is the one writer.
        asked = text("SELECT pg_try_advisory_xact_lock(:turn)")
        return bool(await self._connection.scalar(asked, {"turn": TURN}))

    async def list_pending(self, *, limit: int) -> Sequence[PendingRecord]:
        found = await self._connection.execute(PENDING, {"limit": limit})
        return [PendingRecord(id=r.id, record=r.record, recorded_at=r.recorded_at) for r in found]

    async def backlog(self) -> Backlog:
        counted = select(AUDIT_PENDING.c.recorded_at).limit(COUNTED_MAX).subquery()
        asked = select(func.count()).select_from(counted)
        oldest = select(AUDIT_PENDING.c.recorded_at).order_by(AUDIT_PENDING.c.recorded_at).limit(1)
        return Backlog(
            pending=int(await self._connection.scalar(asked) or 0),
            oldest=await self._connection.scalar(oldest),
        )

    async def size(self) -> int:
        last = await self._connection.scalar(select(func.max(AUDIT_LEAF.c.index)))
        return 0 if last is None else int(last) + 1

    async def place(self, leaves: Sequence[Leaf], nodes: Mapping[Place, bytes]) -> None:
        rows = [
            {
                "index": leaf.index,
                "id": leaf.id,
                "record": leaf.record,
                "leaf_hash": leaf.hash,
                "recorded_at": leaf.recorded_at,
                "action": leaf.action,
                "actor": leaf.actor,
                "subject": leaf.subject,
            }
            for leaf in leaves
        ]
        try:
            await self._insert(rows, nodes)
        except IntegrityError as error:
            # Whose turn it is found the place free: something was put there by other means.
            raise LogBroken(f"a place after {leaves[0].index} leaves is taken") from error
        placed = AUDIT_PENDING.c.id.in_([leaf.id for leaf in leaves])
        await self._connection.execute(delete(AUDIT_PENDING).where(placed))

    async def _insert(self, rows: Sequence[Mapping[str, Any]], nodes: Nodes) -> None:
        await self._connection.execute(insert(AUDIT_LEAF), rows)
        above = [
            {"level": level, "index": index, "hash": digest}
            for (level, index), digest in nodes.items()
            if level > 0
        ]
        if above:
            await self._connection.execute(insert(AUDIT_NODE), above)

    async def find_nodes(self, places: Sequence[Place]) -> Mapping[Place, bytes]:
        if len(places) > PLACES_MAX:
            raise ValueError(f"a proof needs at most {PLACES_MAX} nodes")
        found: dict[Place, bytes] = {}
        leaves = [index for level, index in places if level == 0]
        if leaves:
            asked = select(AUDIT_LEAF.c.index, AUDIT_LEAF.c.leaf_hash)
            rows = await self._connection.execute(asked.where(AUDIT_LEAF.c.index.in_(leaves)))
            found |= {(0, index): digest for index, digest in rows}
        above = [place for place in places if place[0] > 0]
        if above:
            key = tuple_(AUDIT_NODE.c.level, AUDIT_NODE.c.index)
            nodes = await self._connection.execute(select(AUDIT_NODE).where(key.in_(above)))
            found |= {(node.level, node[1]): node.hash for node in nodes}
        return found

    async def list_leaves(self, *, start: int, limit: int) -> Sequence[Leaf]:
        asked = {"start": start, "limit": limit}
        return [_leaf(row) for row in await self._connection.execute(LEAVES, asked)]

    async def search(self, wanted: LeafFilter, *, limit: int) -> Sequence[Leaf]:
        asked = select(AUDIT_LEAF).order_by(AUDIT_LEAF.c.index.desc()).limit(limit)
        for name in ("action", "actor", "subject"):
            if (value := getattr(wanted, name)) is not None:
                asked = asked.where(AUDIT_LEAF.c[name] == value)
        if wanted.since is not None:
            asked = asked.where(AUDIT_LEAF.c.recorded_at >= wanted.since)
        if wanted.until is not None:
            asked = asked.where(AUDIT_LEAF.c.recorded_at < wanted.until)
        if wanted.before is not None:
            asked = asked.where(AUDIT_LEAF.c.index < wanted.before)
        return [_leaf(row) for row in await self._connection.execute(asked)]

    async def find_leaf(self, subject: str, *, action: str) -> Leaf | None:
        asked = {"subject": subject, "action": action}
        row = (await self._connection.execute(FIRST_OF_SUBJECT, asked)).one_or_none()
        return None if row is None else _leaf(row)

    async def find_leaf_by_id(self, record_id: UUID) -> Leaf | None:
        asked = select(AUDIT_LEAF).where(AUDIT_LEAF.c.id == record_id)
        row = (await self._connection.execute(asked)).one_or_none()
        return None if row is None else _leaf(row)


def _leaf(row: Row[Any]) -> Leaf:
    return Leaf(
        index=row[0],  # By its place: `index` is also a method of every row.
        id=row.id,
        record=row.record,
        hash=row.leaf_hash,
        recorded_at=row.recorded_at,
        action=row.action,
        actor=row.actor,
        subject=row.subject,
    )
