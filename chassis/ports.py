"""What use cases need of the plumbing, as they see it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from chassis.events import EventData


class Outbox(Protocol):
    async def add(self, data: EventData, *, subject: str) -> None:
        """Say this if, and only if, the running transaction commits."""


class Inbox(Protocol):
    async def claim(self, event_id: UUID, consumer: str) -> bool:
        """True the first time this consumer meets the event; False ever after."""


class OutboxOfMany(Outbox, Protocol):
    async def add_all(self, said: Sequence[tuple[EventData, str]]) -> None:
        """Each with its subject, in one statement."""


class InboxOfMany(Inbox, Protocol):
    async def claim_all(self, event_ids: Collection[UUID], consumer: str) -> frozenset[UUID]:
        """Those that this consumer meets for the first time."""


class SealingPort(Protocol):
    def seal(self, value: Mapping[str, Any], *, purpose: str) -> str:
        """Text that only holders of the sealing key can read, bound to its purpose."""

    def unseal(self, text: str, *, purpose: str) -> dict[str, Any]:
        """The sealed value; raises BrokenSeal when key, purpose or text do not fit."""
