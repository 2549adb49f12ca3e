from datetime import datetime, timedelta

from gateway.domain.machines.client import ClientKey
from gateway.domain.machines.errors import OverlapTooShort
from gateway.domain.machines.key_registration import KeyAction
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange, key_for_change


async def retire_client_key(
    key_id: str,
    *,
    retires_at: datetime | None = None,
    overlap_min: timedelta,
    change: KeyChange,
    uow: UnitOfWork,
) -> ClientKey:
    """Let a successor take over: the key is accepted until then, and never beyond its own end."""
    earliest = change.clock.now() + overlap_min
    if retires_at is not None and retires_at < earliest:
        raise OverlapTooShort(overlap_min.days)
    async with uow:
        key = await key_for_change(key_id, uow)
        retiring = key.retire(retires_at=retires_at or earliest)
        await uow.clients.save_key(retiring)
        await change.write_down(retiring, KeyAction.RETIRED, uow=uow)
    return retiring
