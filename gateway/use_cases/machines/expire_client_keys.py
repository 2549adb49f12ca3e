from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.machines.key_registration import KeyAction
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import CLOCK_ACTOR, KeyChange

EXPIRED_AT_ONCE_MAX: Final = 100
FORGOTTEN_AT_ONCE_MAX: Final = 1000


async def expire_client_keys(*, uow: UnitOfWork, clock: Clock, ids: Ids) -> int:
    """Write down which keys' time is over, and forget challenges and ids that cannot come again.

    Nobody waits for it: a key is refused by the clock, whatever its record still says.
    """
    now = clock.now()
    change = KeyChange(actor=CLOCK_ACTOR, clock=clock, ids=ids)
    async with uow:
        overdue = await uow.clients.list_overdue_keys(now=now, limit=EXPIRED_AT_ONCE_MAX)
        for key in overdue:
            expired = key.expire()
            await uow.clients.save_key(expired)
            await change.write_down(expired, KeyAction.EXPIRED, uow=uow)
        await uow.key_challenges.forget(expired_before=now, limit=FORGOTTEN_AT_ONCE_MAX)
        await uow.token_uses.forget(expired_before=now, limit=FORGOTTEN_AT_ONCE_MAX)
    return len(overdue)
