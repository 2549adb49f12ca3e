from gateway.domain.machines.client import ClientKey
from gateway.domain.machines.key_registration import KeyAction
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange, key_for_change


async def revoke_client_key(key_id: str, *, change: KeyChange, uow: UnitOfWork) -> ClientKey:
    """Refuse this key from now on; every gateway knows within the life of its key cache.

    One person suffices: to be too quick here costs a client some requests, to be late costs trust.
    """
    async with uow:
        key = await key_for_change(key_id, uow)
        revoked = key.revoke(change.clock.now())
        await uow.clients.save_key(revoked)
        await change.write_down(revoked, KeyAction.REVOKED, uow=uow)
    return revoked
