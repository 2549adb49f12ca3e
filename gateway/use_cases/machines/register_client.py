from dataclasses import replace
from datetime import datetime

from gateway.domain.machines.client import Client, ClientKey
from gateway.domain.machines.errors import KeyTaken
from gateway.ports.unit_of_work import UnitOfWork


async def register_client(
    client: Client, key: ClientKey, *, uow: UnitOfWork, at: datetime
) -> ClientKey:
    """Let a machine in with one more key. Registering the same again changes nothing."""
    async with uow:
        await uow.clients.add_once(client, registered_at=at)
        stored = await uow.clients.add_key_once(replace(key, registered_at=at))
        if stored.client_id != client.id:
            raise KeyTaken
        return stored
