"""Reading the register: clients, their keys, and what happened to a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.machines.client import Client, ClientKey
from gateway.domain.machines.errors import ClientNotFound, KeyNotFound
from gateway.domain.machines.key_registration import KeyEvent
from gateway.ports.machines import ClientFilter
from gateway.ports.unit_of_work import UnitOfWork

KEYS_SHOWN_MAX: Final = 50
EVENTS_SHOWN_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class ClientPage:
    clients: Sequence[Client]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ClientWithKeys:
    client: Client
    keys: Sequence[ClientKey]


async def list_clients(
    wanted: ClientFilter, *, cursor: str | None, limit: int, uow: UnitOfWork
) -> ClientPage:
    async with uow:
        found = await uow.clients.list_page(wanted, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return ClientPage(shown, shown[-1].id if len(found) > limit else None)


async def get_client(client_id: str, *, uow: UnitOfWork) -> ClientWithKeys:
    async with uow:
        client = await uow.clients.find(client_id)
        if client is None:
            raise ClientNotFound
        return ClientWithKeys(client, await uow.clients.list_keys(client_id, limit=KEYS_SHOWN_MAX))


async def list_all_keys(
    client_id: str | None, *, limit: int, uow: UnitOfWork
) -> Sequence[ClientKey]:
    """Ordered by client; within one, the youngest first."""
    async with uow:
        return await uow.clients.list_all_keys(client_id, limit=limit)


async def get_key(key_id: str, *, uow: UnitOfWork) -> ClientKey:
    async with uow:
        found = await uow.clients.find_key(key_id)
    if found is None:
        raise KeyNotFound
    return found.key


async def list_key_history(key_id: str, *, uow: UnitOfWork) -> Sequence[KeyEvent]:
    async with uow:
        if await uow.clients.find_key(key_id) is None:
            raise KeyNotFound
        return await uow.key_history.list_of(key_id, limit=EVENTS_SHOWN_MAX)
