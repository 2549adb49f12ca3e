"""What was signed about the log, by us and by witnesses."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, bindparam, exists, func, insert, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.audit.checkpoint import (
    Checkpoint,
    Cosignature,
    SignedCheckpoint,
    WitnessedCheckpoint,
)
from gateway.storage.audit.tables import AUDIT_CHECKPOINT, AUDIT_COSIGNATURE
from gateway.storage.inserting import insert_once

WITNESSES_MAX: Final = 20

LATEST: Final = select(AUDIT_CHECKPOINT).order_by(AUDIT_CHECKPOINT.c.size.desc()).limit(1)
OF_SIZE: Final = select(AUDIT_CHECKPOINT).where(AUDIT_CHECKPOINT.c.size == bindparam("size"))
OVER: Final = (
    select(AUDIT_CHECKPOINT)
    .where(AUDIT_CHECKPOINT.c.size > bindparam("index"))
    .order_by(AUDIT_CHECKPOINT.c.size)
    .limit(1)
)
SEEN_OVER: Final = OVER.where(
    exists().where(
        AUDIT_COSIGNATURE.c.size == AUDIT_CHECKPOINT.c.size, AUDIT_COSIGNATURE.c.jws.is_not(None)
    )
)
AFTER: Final = (
    select(AUDIT_CHECKPOINT)
    .where(AUDIT_CHECKPOINT.c.size > bindparam("after"))
    .order_by(AUDIT_CHECKPOINT.c.size)
    .limit(bindparam("limit"))
)


class SqlCheckpoints:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_checkpoint(self, signed: SignedCheckpoint) -> None:
        said = signed.checkpoint
        row = {
            "size": said.size,
            "origin": said.origin,
            "root": said.root,
            "at": said.at,
            "jws": signed.jws,
        }
        await self._connection.execute(insert(AUDIT_CHECKPOINT), row)

    async def latest_checkpoint(self) -> SignedCheckpoint | None:
        row = (await self._connection.execute(LATEST)).one_or_none()
        return None if row is None else _signed(row)

    async def find_checkpoint(self, size: int) -> WitnessedCheckpoint | None:
        return await self._one(OF_SIZE, {"size": size})

    async def find_checkpoint_over(self, index: int) -> WitnessedCheckpoint | None:
        asked = {"index": index}
        return await self._one(SEEN_OVER, asked) or await self._one(OVER, asked)

    async def list_checkpoints(self, *, after: int, limit: int) -> Sequence[WitnessedCheckpoint]:
        rows = (await self._connection.execute(AFTER, {"after": after, "limit": limit})).all()
        return await self._witnessed(rows)

    async def add_cosignature(self, cosignature: Cosignature) -> None:
        row = {
            "size": cosignature.size,
            "witness": cosignature.witness,
            "jws": cosignature.jws,
            "at": cosignature.at,
        }
        await insert_once(self._connection, AUDIT_COSIGNATURE, row)

    async def last_witnessed(self, witness: str) -> int:
        asked = select(func.max(AUDIT_COSIGNATURE.c.size))
        last = await self._connection.scalar(asked.where(AUDIT_COSIGNATURE.c.witness == witness))
        return int(last or 0)

    async def _one(self, asked: Select[Any], given: dict[str, int]) -> WitnessedCheckpoint | None:
        rows = (await self._connection.execute(asked, given)).all()
        return next(iter(await self._witnessed(rows)), None)

    async def _witnessed(self, rows: Sequence[Row[Any]]) -> Sequence[WitnessedCheckpoint]:
        asked = (
            select(AUDIT_COSIGNATURE)
            .where(AUDIT_COSIGNATURE.c.size.in_([row.size for row in rows]))
            .order_by(AUDIT_COSIGNATURE.c.size, AUDIT_COSIGNATURE.c.witness)
            .limit(WITNESSES_MAX * max(len(rows), 1))
        )
        by_size: dict[int, list[Cosignature]] = {row.size: [] for row in rows}
        for row in await self._connection.execute(asked):
            by_size[row.size].append(
                Cosignature(witness=row.witness, size=row.size, jws=row.jws, at=row.at)
            )
        return [
            WitnessedCheckpoint(signed=_signed(row), cosignatures=tuple(by_size[row.size]))
            for row in rows
        ]


def _signed(row: Row[Any]) -> SignedCheckpoint:
    said = Checkpoint(origin=row.origin, size=row.size, root=row.root, at=row.at)
    return SignedCheckpoint(checkpoint=said, jws=row.jws)
