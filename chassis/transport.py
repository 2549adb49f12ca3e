"""How events travel. Two adapters: RabbitMQ, and in-process for the embedded way to run."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

# What a consumer's failure costs: wait so long, try again; after the last, park as dead letter.
RETRY_DELAYS_MILLISECONDS: Final = (200, 1_000, 5_000, 30_000)
IN_FLIGHT_MAX: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    id: UUID
    type: str
    body: bytes
    # The producer's, over these bytes and this type; it stays with the event wherever that goes.
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One arrival at one consumer. `attempt` counts from 1."""

    type: str
    body: bytes
    attempt: int
    signature: str = ""


class Unprocessable(Exception):
    """Trying again cannot help: park the event at once."""


Handle = Callable[[Delivery], Awaitable[None]]


class Transport(Protocol):
    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Return when every event is safe with all that subscribed to it; raise otherwise."""

    async def subscribe(self, service: str, types: Sequence[str], handle: Handle) -> None:
        """Deliver these types to this service: at least once, in any order, until close."""

    async def close(self) -> None: ...
