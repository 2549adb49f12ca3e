from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.machines.client import (
    Algorithm,
    Client,
    ClientClass,
    ClientKey,
    KeyState,
    RegisteredKey,
)
from gateway.storage.inserting import insert_once
from gateway.storage.machines.tables import CLIENT, CLIENT_KEY

FIND_KEY = (
    select(CLIENT_KEY, CLIENT.c.client_class, CLIENT.c.provider)
    .join(CLIENT, CLIENT.c.id == CLIENT_KEY.c.client_id)
    .where(CLIENT_KEY.c.id == bindparam("key_id"))
)


class SqlClients:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        row = {
            "id": client.id,
            "client_class": client.client_class.value,
            "provider": client.provider,
            "registered_at": registered_at,
        }
        await insert_once(self._connection, CLIENT, row)

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        known = await self.find_key(key.id)
        if known is not None:
            return known.key
        await self._connection.execute(insert(CLIENT_KEY), _row(key))
        return key

    async def find_key(self, key_id: str) -> RegisteredKey | None:
        found = (await self._connection.execute(FIND_KEY, {"key_id": key_id})).one_or_none()
        return None if found is None else _registered(found)

    async def save_key(self, key: ClientKey) -> None:
        await self._connection.execute(
            update(CLIENT_KEY).where(CLIENT_KEY.c.id == key.id).values(_row(key))
        )


def _row(key: ClientKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "client_id": key.client_id,
        "algorithm": key.algorithm.value,
        "public_jwk": dict(key.public_jwk),
        "state": key.state.value,
        "registered_at": key.registered_at,
        "revoked_at": key.revoked_at,
    }


def _registered(row: Row[Any]) -> RegisteredKey:
    client = Client(
        id=row.client_id, client_class=ClientClass(row.client_class), provider=row.provider
    )
    key = ClientKey(
        id=row.id,
        client_id=row.client_id,
        algorithm=Algorithm(row.algorithm),
        public_jwk=row.public_jwk,
        registered_at=row.registered_at,
        state=KeyState(row.state),
        revoked_at=row.revoked_at,
    )
    return RegisteredKey(client, key)
