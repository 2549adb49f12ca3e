from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.machines.client import (
    KEY_AGE_MAX,
    USABLE,
    Algorithm,
    Client,
    ClientClass,
    ClientKey,
    KeyState,
    RegisteredKey,
)
from gateway.domain.machines.errors import ClientTaken
from gateway.ports.machines import ClientFilter
from gateway.storage.inserting import insert_once
from gateway.storage.machines.tables import CLIENT, CLIENT_KEY

CLIENT_FIELDS = ("client_class", "provider", "contact_agency", "splits_target", "networks")
FIND_KEY = (
    select(CLIENT_KEY, *(CLIENT.c[name] for name in CLIENT_FIELDS))
    .join(CLIENT, CLIENT.c.id == CLIENT_KEY.c.client_id)
    .where(CLIENT_KEY.c.id == bindparam("key_id"))
)


class SqlClients:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, client: Client, *, registered_at: datetime) -> None:
        try:
            await self._connection.execute(insert(CLIENT), _client_row(client, registered_at))
        except IntegrityError as error:
            raise ClientTaken from error

    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        await insert_once(self._connection, CLIENT, _client_row(client, registered_at))

    async def find(self, client_id: str, *, for_update: bool = False) -> Client | None:
        asked = select(CLIENT).where(CLIENT.c.id == client_id)
        if for_update:
            asked = asked.with_for_update()
        row = (await self._connection.execute(asked)).one_or_none()
        return None if row is None else _client(row, row.id)

    async def list_page(
        self, wanted: ClientFilter, *, after: str | None, limit: int
    ) -> Sequence[Client]:
        asked = select(CLIENT).order_by(CLIENT.c.id).limit(limit)
        if wanted.client_class is not None:
            asked = asked.where(CLIENT.c.client_class == wanted.client_class.value)
        if wanted.contact_agency is not None:
            asked = asked.where(CLIENT.c.contact_agency == wanted.contact_agency)
        if after is not None:
            asked = asked.where(CLIENT.c.id > after)
        return [_client(row, row.id) for row in await self._connection.execute(asked)]

    async def has_provider(self, provider: str) -> bool:
        asked = select(CLIENT.c.id).where(CLIENT.c.provider == provider)
        return (await self._connection.execute(asked)).first() is not None

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        known = await self.find_key(key.id)
        if known is not None:
            return known.key
        if await insert_once(self._connection, CLIENT_KEY, _key_row(key)):
            return key
        stored = await self.find_key(key.id)
        assert stored is not None
        return stored.key

    async def find_key(self, key_id: str, *, for_update: bool = False) -> RegisteredKey | None:
        asked = FIND_KEY.with_for_update(of=CLIENT_KEY) if for_update else FIND_KEY
        found = (await self._connection.execute(asked, {"key_id": key_id})).one_or_none()
        if found is None:
            return None
        return RegisteredKey(_client(found, found.client_id), _key(found))

    async def save_key(self, key: ClientKey) -> None:
        await self._connection.execute(
            update(CLIENT_KEY).where(CLIENT_KEY.c.id == key.id).values(_key_row(key))
        )

    async def list_keys(self, client_id: str, *, limit: int) -> Sequence[ClientKey]:
        asked = (
            select(CLIENT_KEY)
            .where(CLIENT_KEY.c.client_id == client_id)
            .order_by(CLIENT_KEY.c.registered_at.desc(), CLIENT_KEY.c.id)
            .limit(limit)
        )
        return [_key(row) for row in await self._connection.execute(asked)]

    async def list_all_keys(self, client_id: str | None, *, limit: int) -> Sequence[ClientKey]:
        order = (CLIENT_KEY.c.client_id, CLIENT_KEY.c.registered_at.desc(), CLIENT_KEY.c.id)
        asked = select(CLIENT_KEY).order_by(*order).limit(limit)
        if client_id is not None:
            asked = asked.where(CLIENT_KEY.c.client_id == client_id)
        return [_key(row) for row in await self._connection.execute(asked)]

    async def list_overdue_keys(self, *, now: datetime, limit: int) -> Sequence[ClientKey]:
        usable = CLIENT_KEY.c.state.in_(sorted(USABLE))
        over = or_(
            CLIENT_KEY.c.registered_at <= now - KEY_AGE_MAX,
            CLIENT_KEY.c.expires_at <= now,
            CLIENT_KEY.c.retires_at <= now,
        )
        asked = (
            select(CLIENT_KEY)
            .where(usable, over)
            .order_by(CLIENT_KEY.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_key(row) for row in await self._connection.execute(asked)]


def _client_row(client: Client, registered_at: datetime) -> dict[str, Any]:
    return {
        "id": client.id,
        "client_class": client.client_class.value,
        "provider": client.provider,
        "contact_agency": client.contact_agency,
        "splits_target": client.splits_target,
        "networks": list(client.networks),
        "registered_at": registered_at,
    }


def _client(row: Row[Any], client_id: str) -> Client:
    return Client(
        id=client_id,
        client_class=ClientClass(row.client_class),
        provider=row.provider,
        contact_agency=row.contact_agency,
        splits_target=row.splits_target,
        networks=tuple(row.networks),
    )


def _key_row(key: ClientKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "client_id": key.client_id,
        "algorithm": key.algorithm.value,
        "public_jwk": dict(key.public_jwk),
        "state": key.state.value,
        "registered_at": key.registered_at,
        "registered_by": key.registered_by,
        "approved_at": key.approved_at,
        "approved_by": key.approved_by,
        "retires_at": key.retires_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "certificate_thumbprint": key.certificate_thumbprint,
    }


def _key(row: Row[Any]) -> ClientKey:
    return ClientKey(
        id=row.id,
        client_id=row.client_id,
        algorithm=Algorithm(row.algorithm),
        public_jwk=row.public_jwk,
        state=KeyState(row.state),
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        retires_at=row.retires_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        certificate_thumbprint=row.certificate_thumbprint,
    )
