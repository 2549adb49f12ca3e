"""How every change of a key is written down: its history and the audit log, both at once."""

from dataclasses import dataclass
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.machines.client import ClientKey
from gateway.domain.machines.errors import KeyNotFound
from gateway.domain.machines.key_registration import KeyAction, KeyEvent
from gateway.ports.unit_of_work import UnitOfWork

CLOCK_ACTOR: Final = "system:clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """Who changes a key and why. `actor` is `user:…` or `operator:…`."""

    actor: str
    clock: Clock
    ids: Ids
    reason: str | None = None

    async def write_down(self, key: ClientKey, action: KeyAction, *, uow: UnitOfWork) -> None:
        event = KeyEvent.of(
            key,
            action,
            id=self.ids.new(),
            actor=self.actor,
            at=self.clock.now(),
            reason=self.reason,
        )
        await uow.key_history.add(event)
        # The reason is free text and might name a person: it stays in the history.
        entry = AuditEntry(
            action=f"client_key.{action.value}",
            actor=self.actor,
            subject=f"client_key:{key.id}",
            details={"client": key.client_id, "state": key.state.value},
        )
        await uow.audit.add(entry)


async def key_for_change(key_id: str, uow: UnitOfWork) -> ClientKey:
    """The key, locked until the transaction ends."""
    found = await uow.clients.find_key(key_id, for_update=True)
    if found is None:
        raise KeyNotFound
    return found.key
