"""The register of clients' keys, held a few seconds so that a request costs no look-up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.keys import PublicKey, key_of_jwk
from chassis.message_signatures import algorithm_of
from gateway.domain.machines.client import RegisteredKey
from gateway.ports.unit_of_work import UnitOfWork

# A revoked key must be refused everywhere within five seconds.
HELD_FOR: Final = timedelta(seconds=3)
HELD_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class HeldKey:
    registered: RegisteredKey
    public_key: PublicKey
    read_at: datetime


class KeyCache:
    def __init__(self, new_uow: Callable[[], UnitOfWork], *, clock: Clock) -> None:
        self._new_uow = new_uow
        self._clock = clock
        self._held: dict[str, HeldKey] = {}

    async def find_active(self, key_id: str) -> HeldKey | None:
        """An active or retiring key whose time is not over, judged by the clock.

        Raises StoreUnavailable rather than judge by what may be out of date.
        """
        now = self._clock.now()
        held = self._held.get(key_id)
        if held is None or not timedelta(0) <= now - held.read_at < HELD_FOR:
            held = await self._read(key_id, now)
        if held is None or not held.registered.key.is_usable(now):
            return None
        return held

    async def _read(self, key_id: str, now: datetime) -> HeldKey | None:
        uow = self._new_uow()
        async with uow:
            registered = await uow.clients.find_key(key_id)
        if registered is None:
            self._held.pop(key_id, None)
            return None
        public_key = key_of_jwk(dict(registered.key.public_jwk))
        if algorithm_of(public_key) != registered.key.algorithm:
            raise ValueError(f"the key {key_id} is registered under another algorithm")
        if len(self._held) >= HELD_MAX:
            self._held.clear()
        self._held[key_id] = held = HeldKey(registered, public_key, now)
        return held
