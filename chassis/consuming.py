"""A service's table from event type to handler, and what an arrival goes through."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import ValidationError

from chassis.errors import Refused, Unavailable
from chassis.events import Envelope
from chassis.tracing import span
from chassis.transport import Delivery, Unprocessable

Tools = TypeVar("Tools")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Consumer(Generic[Tools]):
    model: type[Envelope[Any]]
    handle: Callable[[Any, Tools], Awaitable[None]]


class Consumers(Generic[Tools]):
    """Which events a service hears. `Tools` is the service's own bundle of dependencies."""

    def __init__(self, *, service: str) -> None:
        self.service = service
        self._table: dict[str, _Consumer[Tools]] = {}

    def on(
        self,
        type: str,
        model: type[Envelope[Any]],
        handle: Callable[[Any, Tools], Awaitable[None]],
    ) -> None:
        if type in self._table:
            raise ValueError(f"{self.service} hears {type} twice")
        self._table[type] = _Consumer(model, handle)

    @property
    def types(self) -> Sequence[str]:
        return tuple(self._table)

    async def take(self, delivery: Delivery, tools: Tools) -> None:
        """Parse and handle. What can never work is Unprocessable; anything else may be retried."""
        consumer = self._table[delivery.type]
        try:
            event = consumer.model.model_validate_json(delivery.body)
        except ValidationError as error:
            # The error quotes the input, which may be anything; say only where it went wrong.
            places = [".".join(map(str, one["loc"])) for one in error.errors()]
            raise Unprocessable(f"{delivery.type} cannot be read at {places[:5]}") from None
        carrier = {"traceparent": event.traceparent} if event.traceparent else None
        with (
            structlog.contextvars.bound_contextvars(event_id=str(event.id), heard=delivery.type),
            span(f"{self.service} {delivery.type}", carrier),
        ):
            try:
                await consumer.handle(event, tools)
            except Unavailable:
                raise
            except Refused as refused:
                raise Unprocessable(f"{refused.code}: {refused.message}") from refused
