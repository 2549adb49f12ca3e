from datetime import datetime

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.machines.signed_request import SignedRequest
from gateway.ports.machines import NonceUse
from gateway.storage.inserting import insert_once
from gateway.storage.machines.tables import NONCE

FIRST_USE = (
    select(NONCE.c.base_hash, NONCE.c.evidence_id)
    .where(NONCE.c.key_id == bindparam("key_id"))
    .where(NONCE.c.nonce == bindparam("nonce"))
)


class SqlNonces:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        """The database decides who was first: the key (key_id, nonce) is unique."""
        key = {"key_id": request.key.id, "nonce": request.nonce}
        row = {
            **key,
            "base_hash": use.base_hash,
            "evidence_id": use.evidence_id,
            "expires_at": request.expires_at,
        }
        if await insert_once(self._connection, NONCE, row):
            return None
        first = (await self._connection.execute(FIRST_USE, key)).one()
        return NonceUse(first.base_hash, first.evidence_id)

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        key = tuple_(NONCE.c.key_id, NONCE.c.nonce)
        expired = (
            select(NONCE.c.key_id, NONCE.c.nonce)
            .where(NONCE.c.expires_at < expired_before)
            .limit(limit)
        )
        done = await self._connection.execute(delete(NONCE).where(key.in_(expired)))
        return done.rowcount
