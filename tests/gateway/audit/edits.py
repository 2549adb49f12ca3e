"""What somebody who owns the database can do to the audit log, at random."""

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.domain.audit.checkpoint import Checkpoint
from gateway.domain.audit.tree import grow, hash_of, leaf_hash
from tests.gateway.audit.rig import ORIGIN

LEAVES: Final = 64
CHECKPOINTS: Final = (16, 32, 48, 64)
ALL: Final = ("record", "leaf_hash", "id", "recorded_at", "action", "actor", "subject")
FAR: Final = 1_000_000


class Vandal:
    """Knows SQL, the tree, and even the key of the checkpoints; not what witnesses hold."""

    def __init__(
        self, connection: AsyncConnection, chance: random.Random, signer: JwsCheckpointSigner
    ) -> None:
        self._connection = connection
        self._chance = chance
        self._signer = signer
        self.ways: Mapping[str, Callable[[], Awaitable[None]]] = {
            "flip a record": self.flip_record,
            "flip a leaf's hash": self.flip_hash,
            "rewrite a record and its hash": self.rewrite_record,
            "delete a leaf": self.delete_leaf,
            "delete a leaf and close the gap": self.delete_and_close,
            "insert a leaf": self.insert_leaf,
            "swap two leaves": self.swap,
            "truncate the tail": self.truncate,
            "truncate all tables": self.truncate_everything,
            "change what it is searched by": self.change_column,
            "flip a node": self.flip_node,
            "delete a node": self.delete_node,
            "insert a node": self.insert_node,
            "change a checkpoint": self.change_checkpoint,
            "delete a checkpoint": self.delete_checkpoint,
            "flip a cosignature": self.flip_cosignature,
            "change evidence": self.change_evidence,
            "delete evidence": self.delete_evidence,
            "rewrite the whole chain": self.rewrite_chain,
        }

    async def run(self, statement: str, **given: Any) -> None:
        done = await self._connection.execute(text(statement), given)
        assert done.rowcount != 0, f"nothing was edited: {statement}"

    def leaf(self) -> int:
        return self._chance.randrange(LEAVES)

    async def flip_record(self) -> None:
        at, index = self._chance.randrange(40), self.leaf()
        await self.run(
            "UPDATE audit_leaf SET record = set_byte(record, :at, get_byte(record, :at) # :bit) "
            'WHERE "index" = :index',
            at=at,
            bit=1 << self._chance.randrange(7),
            index=index,
        )

    async def flip_hash(self) -> None:
        await self.run(
            "UPDATE audit_leaf SET leaf_hash = set_byte(leaf_hash, :at, "
            'get_byte(leaf_hash, :at) # 1) WHERE "index" = :index',
            at=self._chance.randrange(32),
            index=self.leaf(),
        )

    async def rewrite_record(self) -> None:
        await self.run(
            "UPDATE audit_leaf SET record = forged.record, "
            "leaf_hash = sha256('\\x00'::bytea || forged.record) FROM ("
            "SELECT id, convert_to(replace(convert_from(record, 'utf8'), '2026-', :year), 'utf8') "
            "AS record FROM audit_leaf) forged "
            'WHERE audit_leaf.id = forged.id AND "index" = :index',
            index=self.leaf(),
            year=f"{self._chance.randrange(2027, 2090)}-",
        )

    async def delete_leaf(self) -> None:
        await self.run('DELETE FROM audit_leaf WHERE "index" = :index', index=self.leaf())

    async def delete_and_close(self) -> None:
        index = self.leaf()
        await self.run('DELETE FROM audit_leaf WHERE "index" = :index', index=index)
        await self._shift(index, by=-1)

    async def insert_leaf(self) -> None:
        index, source = self.leaf(), self.leaf()
        await self._shift(index, by=1)
        rest = ", ".join(name for name in ALL if name != "id")
        await self.run(
            f'INSERT INTO audit_leaf ("index", id, {rest}) SELECT :index, gen_random_uuid(), {rest}'
            ' FROM audit_leaf WHERE "index" = :source',
            index=index,
            source=source if source < index else source + 1,
        )

    async def swap(self) -> None:
        one, other = self._chance.sample(range(LEAVES), 2)
        move = 'UPDATE audit_leaf SET "index" = :to WHERE "index" = :at'
        await self.run(move, at=one, to=FAR)
        await self.run(move, at=other, to=one)
        await self.run(move, at=FAR, to=other)

    async def truncate(self) -> None:
        """With everything that would tell of it, as far as the database goes."""
        size = self._chance.randrange(1, LEAVES)
        await self.run('DELETE FROM audit_leaf WHERE "index" >= :size', size=size)
        await self._connection.execute(
            text('DELETE FROM audit_node WHERE (("index" + 1) << level) > :size'), {"size": size}
        )
        for table in ("audit_cosignature", "audit_checkpoint"):
            await self.run(f"DELETE FROM {table} WHERE size > :size", size=size)
        await self._connection.execute(
            text(
                "DELETE FROM evidence WHERE NOT EXISTS (SELECT 1 FROM audit_leaf "
                "WHERE subject = 'evidence:' || evidence.id)"
            )
        )

    async def truncate_everything(self) -> None:
        for table in ("leaf", "node", "cosignature", "checkpoint"):
            await self.run(f"DELETE FROM audit_{table}")
        await self.run("DELETE FROM evidence")

    async def change_column(self) -> None:
        change = self._chance.choice(
            (
                "actor = 'user:9'",
                "subject = 'thing:none'",
                "action = 'thing.hidden'",
                "recorded_at = recorded_at + interval '1 second'",
                "id = gen_random_uuid()",
            )
        )
        await self.run(f'UPDATE audit_leaf SET {change} WHERE "index" = :index', index=self.leaf())

    async def flip_node(self) -> None:
        level, index = self._node()
        await self.run(
            "UPDATE audit_node SET hash = set_byte(hash, :at, get_byte(hash, :at) # 8) "
            'WHERE level = :level AND "index" = :index',
            at=self._chance.randrange(32),
            level=level,
            index=index,
        )

    async def delete_node(self) -> None:
        level, index = self._node()
        await self.run(
            'DELETE FROM audit_node WHERE level = :level AND "index" = :index',
            level=level,
            index=index,
        )

    async def insert_node(self) -> None:
        await self.run(
            'INSERT INTO audit_node (level, "index", hash) SELECT :level, :index, hash '
            "FROM audit_node LIMIT 1",
            level=self._chance.randrange(1, 9),
            index=self._chance.randrange(LEAVES, FAR),
        )

    async def change_checkpoint(self) -> None:
        change = self._chance.choice(
            (
                "root = set_byte(root, 5, get_byte(root, 5) # 1)",
                "at = at + interval '1 second'",
                "origin = 'another-log'",
                "jws = overlay(jws placing 'AAAA' from 20)",
                "jws = left(jws, -4) || 'AAAA'",
                "size = size + 1",
            )
        )
        await self.run(
            f"UPDATE audit_checkpoint SET {change} WHERE size = :size", size=self._size()
        )

    async def delete_checkpoint(self) -> None:
        size = self._size()
        await self.run("DELETE FROM audit_cosignature WHERE size = :size", size=size)
        await self.run("DELETE FROM audit_checkpoint WHERE size = :size", size=size)

    async def flip_cosignature(self) -> None:
        change = self._chance.choice(
            (
                "jws = left(jws, -4) || 'AAAA'",
                "witness = 'nobody'",
                "jws = (SELECT jws FROM audit_checkpoint LIMIT 1)",
            )
        )
        await self.run(
            f"UPDATE audit_cosignature SET {change} WHERE size = :size AND jws IS NOT NULL",
            size=self._size(),
        )

    async def change_evidence(self) -> None:
        change = self._chance.choice(
            (
                "body = body || '\\x20'::bytea",
                "kind = 'confirmation'",
                "recorded_at = recorded_at + interval '1 millisecond'",
                'record = record || \'{"client_id": "x"}\'::jsonb',
                "signature_base = '\\x00'::bytea",
                "id = gen_random_uuid()",
            )
        )
        await self.run(f"UPDATE evidence SET {change} WHERE id = {self._evidence()}")

    async def delete_evidence(self) -> None:
        await self.run(f"DELETE FROM evidence WHERE id = {self._evidence()}")

    async def rewrite_chain(self) -> None:
        """Change one record, recompute everything over it, and sign it with the real key."""
        asked = 'SELECT record FROM audit_leaf ORDER BY "index"'
        records = list((await self._connection.execute(text(asked))).scalars())
        forged = self._chance.choice([i for i, one in enumerate(records) if b"user:1" in one])
        records[forged] = records[forged].replace(b"user:1", b"user:7")
        hashes = [leaf_hash(record) for record in records]
        nodes = grow(0, {}, hashes)
        await self._connection.execute(
            text('UPDATE audit_leaf SET record = :record, leaf_hash = :hash WHERE "index" = :i'),
            [{"i": i, "record": records[i], "hash": hashes[i]} for i in range(LEAVES)],
        )
        await self.run(
            "UPDATE audit_leaf SET actor = convert_from(record, 'utf8')::jsonb ->> 'actor'"
        )
        await self._connection.execute(
            text('UPDATE audit_node SET hash = :hash WHERE level = :level AND "index" = :i'),
            [{"level": level, "i": i, "hash": h} for (level, i), h in nodes.items() if level],
        )
        await self.run("DELETE FROM audit_cosignature")
        for size in CHECKPOINTS:
            await self._sign(size, hash_of((0, size), nodes))

    async def _sign(self, size: int, root: bytes) -> None:
        asked = text("SELECT at FROM audit_checkpoint WHERE size = :size")
        at = await self._connection.scalar(asked, {"size": size})
        said = Checkpoint(origin=ORIGIN, size=size, root=root, at=at)
        await self.run(
            "UPDATE audit_checkpoint SET root = :root, jws = :jws WHERE size = :size",
            root=root,
            jws=self._signer.sign(said.to_bytes()),
            size=size,
        )

    async def _shift(self, above: int, *, by: int) -> None:
        for step in (FAR + by, -FAR):
            await self._connection.execute(
                text('UPDATE audit_leaf SET "index" = "index" + :step WHERE "index" >= :above'),
                {"step": step, "above": above},
            )
            above = FAR

    def _size(self) -> int:
        return self._chance.choice(CHECKPOINTS)

    def _node(self) -> tuple[int, int]:
        level = self._chance.randrange(1, 7)
        return level, self._chance.randrange(LEAVES >> level)

    def _evidence(self) -> str:
        return f"(SELECT id FROM evidence ORDER BY id OFFSET {self._chance.randrange(8)} LIMIT 1)"
