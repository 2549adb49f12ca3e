"""Events inside one process, for the embedded way to run.

`publish` returns only when every subscriber has dealt with the event, so the outbox keeps it until
then: a crash in the middle says it again, exactly as a broker would.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import structlog

from chassis.transport import (
    IN_FLIGHT_MAX,
    RETRY_DELAYS_MILLISECONDS,
    Delivery,
    Handle,
    Outgoing,
    Unprocessable,
)

log = structlog.get_logger()


class InProcessTransport:
    def __init__(
        self,
        *,
        dead_letters: Path | None = None,
        delays_milliseconds: Sequence[int] = RETRY_DELAYS_MILLISECONDS,
    ) -> None:
        self._subscribers: dict[str, list[tuple[str, Handle]]] = {}
        self._dead_letters = dead_letters
        self._delays = delays_milliseconds
        self._room = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def publish(self, events: Sequence[Outgoing]) -> None:
        await asyncio.gather(
            *(
                self._deliver(service, handle, event)
                for event in events
                for service, handle in self._subscribers.get(event.type, ())
            )
        )

    async def subscribe(self, service: str, types: Sequence[str], handle: Handle) -> None:
        for type in types:
            self._subscribers.setdefault(type, []).append((service, handle))

    async def close(self) -> None:
        self._subscribers.clear()

    async def _deliver(self, service: str, handle: Handle, event: Outgoing) -> None:
        for attempt, delay in enumerate((*self._delays, None), start=1):
            try:
                async with self._room:
                    await handle(_arrival(event, attempt))
                return
            except Unprocessable as error:
                self._park(service, event, str(error))
                return
            except Exception as error:
                log.warning(
                    "event failed", service=service, type=event.type, attempt=attempt,
                    error=repr(error),
                )  # fmt: skip
                if delay is None:
                    self._park(service, event, repr(error))
                    return
                await asyncio.sleep(delay / 1000)

    def _park(self, service: str, event: Outgoing, reason: str) -> None:
        log.error("event parked", service=service, type=event.type, id=str(event.id), reason=reason)
        if self._dead_letters is None:
            return
        self._dead_letters.mkdir(parents=True, exist_ok=True)
        letter = {
            "service": service,
            "type": event.type,
            "body": event.body.decode("utf-8", "replace"),
            "signature": event.signature,
            "reason": reason,
        }
        path = self._dead_letters / f"{service}.{event.id}.json"
        path.write_text(json.dumps(letter, ensure_ascii=False))


def _arrival(event: Outgoing, attempt: int) -> Delivery:
    return Delivery(type=event.type, body=event.body, attempt=attempt, signature=event.signature)
