"""A service's table from event type to handler, and what an arrival goes through."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from pydantic import ValidationError

from chassis.errors import Refused, Unavailable
from chassis.events import Envelope
from chassis.signed_events import EventVerifier
from chassis.tracing import span
from chassis.transport import Delivery, Unprocessable

Tools = TypeVar("Tools")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Consumer(Generic[Tools]):
    producer: str
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
        *,
        producer: str,
    ) -> None:
        """`producer` is the one house that may say this type: the event bears its signature."""
        if type in self._table:
            raise ValueError(f"{self.service} hears {type} twice")
        self._table[type] = _Consumer(producer, model, handle)

    @property
    def types(self) -> Sequence[str]:
        return tuple(self._table)

    @property
    def producers(self) -> Mapping[str, str]:
        """Who may say what: the producer of each type."""
        return {type: consumer.producer for type, consumer in self._table.items()}

    async def hear(self, delivery: Delivery, tools: Tools, *, verifier: EventVerifier) -> None:
        """Take what its producer has signed, and nothing else."""
        verifier.check(delivery, producer=self._table[delivery.type].producer)
        await self.take(delivery, tools)

    async def take(self, delivery: Delivery, tools: Tools) -> None:
        """Parse and handle what was checked.

        What can never work is Unprocessable; anything else may be retried.
        """
        consumer = self._table[delivery.type]
        try:
            event = consumer.model.model_validate_json(delivery.body)
        except ValidationError as error:
            # The error quotes the input, which may be anything; say only where it went wrong.
            places = [".".join(map(str, one["loc"])) for one in error.errors()]
            raise Unprocessable(f"{delivery.type} cannot be read at {places[:5]}") from None
        if event.type != delivery.type or event.source != consumer.producer:
            raise Unprocessable(f"{delivery.type} says that it is something else")
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
