from typing import Final

from gateway.domain.machines.client import USABLE_KEYS_MAX, ClientKey
from gateway.domain.machines.errors import KeyExpired, TooManyKeys
from gateway.domain.machines.key_registration import KeyAction
from gateway.domain.people.errors import SamePerson
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange, key_for_change

KEYS_READ_MAX: Final = 1000


async def approve_client_key(key_id: str, *, change: KeyChange, uow: UnitOfWork) -> ClientKey:
    """Make a pending key count. Whoever registered it cannot, whatever duties they hold."""
    now = change.clock.now()
    async with uow:
        key = await key_for_change(key_id, uow)
        if key.registered_by == change.actor:
            raise SamePerson
        approved = key.approve(by=change.actor, at=now)
        if approved.until <= now:
            raise KeyExpired
        # Two approvals at once for one client wait for each other here.
        await uow.clients.find(key.client_id, for_update=True)
        others = await uow.clients.list_keys(key.client_id, limit=KEYS_READ_MAX)
        if sum(one.is_usable(now) for one in others) >= USABLE_KEYS_MAX:
            raise TooManyKeys(USABLE_KEYS_MAX)
        await uow.clients.save_key(approved)
        await change.write_down(approved, KeyAction.APPROVED, uow=uow)
    return approved
