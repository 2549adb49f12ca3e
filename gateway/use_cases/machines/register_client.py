from dataclasses import replace

from gateway.domain.machines.client import KEY_AGE_MAX, Client, ClientKey, KeyState
from gateway.domain.machines.errors import KeyTaken
from gateway.domain.machines.key_registration import KeyAction
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange


async def register_client(
    client: Client, key: ClientKey, *, change: KeyChange, uow: UnitOfWork
) -> ClientKey:
    """Let a machine in with one more key at once: for an operator who holds the key's file.

    Registering the same again changes nothing, not even a revocation.
    """
    now = change.clock.now()
    async with uow:
        await uow.clients.add_once(client, registered_at=now)
        known = await uow.clients.find_key(key.id)
        if known is not None:
            if known.key.client_id != client.id:
                raise KeyTaken
            return known.key
        fresh = replace(
            key,
            state=KeyState.ACTIVE,
            registered_at=now,
            registered_by=change.actor,
            approved_at=now,
            approved_by=change.actor,
            expires_at=now + KEY_AGE_MAX,
        )
        stored = await uow.clients.add_key_once(fresh)
        if stored != fresh:
            # Another process of ours did the same a moment ago.
            return stored
        await change.write_down(fresh, KeyAction.REGISTERED, uow=uow)
        return fresh
