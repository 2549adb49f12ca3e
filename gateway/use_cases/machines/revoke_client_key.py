from datetime import datetime

from gateway.domain.machines.client import ClientKey
from gateway.domain.machines.errors import KeyNotFound
from gateway.ports.unit_of_work import UnitOfWork


async def revoke_client_key(key_id: str, *, uow: UnitOfWork, at: datetime) -> ClientKey:
    """Refuse this key from now on; every gateway knows within the life of its key cache."""
    async with uow:
        registered = await uow.clients.find_key(key_id)
        if registered is None:
            raise KeyNotFound
        revoked = registered.key.revoke(at)
        await uow.clients.save_key(revoked)
        return revoked
