"""Events over RabbitMQ.

Topology, all durable, every name behind the configured prefix `p`:

    p.events (topic) ──type──▶ p.<service>.<type>          quorum queue of one consumer
        └─ alternate exchange p.unrouted ──▶ p.unrouted    what nobody asked for, the newest
    p.retry.<ms> (fanout) ──▶ p.retry.<ms> ──after ms──▶ back to the queue it came from
    p.dead (direct) ──queue name──▶ p.<service>.dead       parked, until somebody replays it
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import aio_pika
import structlog
from aio_pika import DeliveryMode, ExchangeType, Message
from aio_pika.abc import (
    AbstractChannel,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
    AbstractRobustConnection,
)

from chassis.transport import (
    IN_FLIGHT_MAX,
    RETRY_DELAYS_MILLISECONDS,
    Delivery,
    Handle,
    Outgoing,
    Unprocessable,
)

HEARTBEAT_SECONDS: Final = 20
CONFIRM_SECONDS_MAX: Final = 10
# A backstop only; attempts are counted in a header of our own, since brokers count differently.
DELIVERY_LIMIT: Final = 100
LENGTH_MAX: Final = 1_000_000
UNROUTED_MAX: Final = 100_000
ATTEMPT: Final = "lephi-attempt"
SIGNATURE: Final = "lephi-signature"
log = structlog.get_logger()


class RabbitTransport:
    def __init__(
        self, connection: AbstractRobustConnection, channel: AbstractChannel, *, prefix: str,
        delays_milliseconds: Sequence[int],
    ) -> None:  # fmt: skip
        self._connection = connection
        self._publishing = channel
        self._prefix = prefix
        self._delays = delays_milliseconds
        self._exchanges: dict[str, AbstractExchange] = {}

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        prefix: str,
        delays_milliseconds: Sequence[int] = RETRY_DELAYS_MILLISECONDS,
    ) -> "RabbitTransport":
        connection = await aio_pika.connect_robust(
            url, heartbeat=HEARTBEAT_SECONDS, reconnect_interval=0.5
        )
        # Without on_return_raises an unroutable message would be confirmed and gone.
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        transport = cls(connection, channel, prefix=prefix, delays_milliseconds=delays_milliseconds)
        await transport._declare()
        return transport

    async def publish(self, events: Sequence[Outgoing]) -> None:
        exchange = self._exchanges["events"]
        async with asyncio.timeout(CONFIRM_SECONDS_MAX):
            await asyncio.gather(
                *(exchange.publish(_message_of(event), event.type) for event in events)
            )

    async def subscribe(self, service: str, types: Sequence[str], handle: Handle) -> None:
        # Apart from publishing: a channel that an error closes must not take the other along.
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.set_qos(prefetch_count=IN_FLIGHT_MAX)
        for type, queue in zip(
            types, await self._declare_for(channel, service, types), strict=True
        ):
            await queue.consume(_Consumer(self, service, type, handle).take)

    async def prepare(self, service: str, types: Sequence[str]) -> None:
        """Make the queues of a service that has not started yet, so that events wait for it."""
        channel = await self._connection.channel()
        await self._declare_for(channel, service, types)
        await channel.close()

    async def close(self) -> None:
        await self._connection.close()

    async def delete_everything(self, services: Sequence[str], types: Sequence[str]) -> None:
        """Remove all that bears the prefix. For test runs and for taking down a private stack."""
        channel = await self._connection.channel()
        names = ["unrouted", *(f"retry.{delay}" for delay in self._delays)]
        names += [f"{s}.dead" for s in services] + [f"{s}.{t}" for s in services for t in types]
        for name in names:
            await channel.queue_delete(self.named(name))
        for name in ("events", "unrouted", "dead", *(f"retry.{delay}" for delay in self._delays)):
            await channel.exchange_delete(self.named(name))

    async def replay_dead(self, service: str, *, limit: int) -> int:
        """Send parked events back to the queues they failed in; says how many."""
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        queue = await self._declare_dead(channel, service)
        # What fails again is parked again behind these; it is not this call's to replay.
        waiting = min(limit, queue.declaration_result.message_count or 0)
        replayed = 0
        while replayed < waiting:
            letter = await queue.get(fail=False)
            if letter is None:
                break
            message = _again(letter)
            await channel.default_exchange.publish(message, str(letter.headers["lephi-queue"]))
            await letter.ack()
            replayed += 1
        await channel.close()
        return replayed

    async def count_dead(self, service: str) -> int:
        channel = await self._connection.channel()
        queue = await self._declare_dead(channel, service)
        count = queue.declaration_result.message_count or 0
        await channel.close()
        return count

    def named(self, name: str) -> str:
        return f"{self._prefix}.{name}"

    async def retry(self, message: AbstractIncomingMessage, queue: str, attempt: int) -> None:
        """Let it come back to this queue after the delay of this attempt."""
        exchange = self._exchanges[f"retry.{self._delays[attempt - 1]}"]
        await exchange.publish(_again(message, attempt=attempt + 1), queue)

    async def park(
        self, message: AbstractIncomingMessage, queue: str, service: str, reason: str
    ) -> None:
        letter = _again(message)
        letter.headers |= {"lephi-queue": queue, "lephi-reason": reason[:500]}
        await self._exchanges["dead"].publish(letter, self.named(f"{service}.dead"))

    def attempt_of(self, message: AbstractIncomingMessage) -> int:
        """Whoever may publish may write anything here: what is no number of ours is the last."""
        given = message.headers.get(ATTEMPT, 1)
        last = len(self._delays) + 1
        return given if isinstance(given, int) and 1 <= given <= last else last

    def has_another_try(self, attempt: int) -> bool:
        return attempt <= len(self._delays)

    async def _declare(self) -> None:
        channel = self._publishing
        unrouted = await channel.declare_exchange(
            self.named("unrouted"), ExchangeType.FANOUT, durable=True
        )
        await (await self._declare_unrouted(channel)).bind(unrouted)
        for name, kind in (
            ("dead", ExchangeType.DIRECT),
            *((f"retry.{delay}", ExchangeType.FANOUT) for delay in self._delays),
        ):
            self._exchanges[name] = await channel.declare_exchange(
                self.named(name), kind, durable=True
            )
        self._exchanges["events"] = await channel.declare_exchange(
            self.named("events"),
            ExchangeType.TOPIC,
            durable=True,
            arguments={"alternate-exchange": unrouted.name},
        )
        for delay in self._delays:
            queue = await self._declare_queue(channel, f"retry.{delay}", delay_milliseconds=delay)
            await queue.bind(self._exchanges[f"retry.{delay}"])

    async def _declare_for(
        self, channel: AbstractChannel, service: str, types: Sequence[str]
    ) -> list[AbstractQueue]:
        await self._declare_dead(channel, service)
        queues = []
        for type in types:
            queue = await self._declare_queue(channel, f"{service}.{type}")
            await queue.bind(self._exchanges["events"].name, routing_key=type)
            queues.append(queue)
        return queues

    async def _declare_dead(self, channel: AbstractChannel, service: str) -> AbstractQueue:
        queue = await self._declare_queue(channel, f"{service}.dead")
        await queue.bind(self._exchanges["dead"].name, routing_key=queue.name)
        return queue

    async def _declare_queue(
        self, channel: AbstractChannel, name: str, *, delay_milliseconds: int | None = None
    ) -> AbstractQueue:
        arguments: dict[str, Any] = {
            "x-queue-type": "quorum",
            "x-overflow": "reject-publish",
            "x-max-length": LENGTH_MAX,
            "x-dead-letter-strategy": "at-least-once",
        }
        if delay_milliseconds is None:
            arguments |= {
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": self.named("unrouted"),
            }
        else:
            # The default exchange routes by queue name, and the name of the queue that failed
            # is the routing key under which the message was put here.
            arguments |= {"x-message-ttl": delay_milliseconds, "x-dead-letter-exchange": ""}
        # Declaring fails when a queue of that name has other arguments: then we do not start.
        return await channel.declare_queue(self.named(name), durable=True, arguments=arguments)

    async def _declare_unrouted(self, channel: AbstractChannel) -> AbstractQueue:
        """What nobody hears. It forgets the oldest: full, it must not stop an outbox."""
        arguments: dict[str, Any] = {
            "x-queue-type": "quorum",
            "x-overflow": "drop-head",
            "x-max-length": UNROUTED_MAX,
        }
        return await channel.declare_queue(
            self.named("unrouted"), durable=True, arguments=arguments
        )


class _Consumer:
    def __init__(self, transport: RabbitTransport, service: str, type: str, handle: Handle) -> None:
        self._transport = transport
        self._service = service
        self._type = type
        self._handle = handle
        self._queue = transport.named(f"{service}.{type}")

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Acknowledge only after the effect, the retry or the parking is safe."""
        attempt = self._transport.attempt_of(message)
        delivery = Delivery(
            type=self._type, body=message.body, attempt=attempt, signature=_signature_of(message)
        )
        try:
            await self._handle(delivery)
        except Unprocessable as error:
            await self._park(message, str(error))
        except Exception as error:
            log.warning(
                "event failed", service=self._service, type=self._type, attempt=attempt,
                error=repr(error),
            )  # fmt: skip
            if self._transport.has_another_try(attempt):
                await self._transport.retry(message, self._queue, attempt)
            else:
                await self._park(message, repr(error))
        await message.ack()

    async def _park(self, message: AbstractIncomingMessage, reason: str) -> None:
        log.error("event parked", service=self._service, type=self._type, reason=reason)
        await self._transport.park(message, self._queue, self._service, reason)


def _signature_of(message: AbstractIncomingMessage) -> str:
    given = message.headers.get(SIGNATURE, "")
    return given if isinstance(given, str) else ""


def _message_of(event: Outgoing) -> Message:
    return _message(event.body, id=str(event.id), signature=event.signature)


def _again(message: AbstractIncomingMessage, *, attempt: int = 1) -> Message:
    """The same event, still under its producer's signature."""
    id, signature = message.message_id or "", _signature_of(message)
    return _message(message.body, id=id, signature=signature, attempt=attempt)


def _message(body: bytes, *, id: str, signature: str, attempt: int = 1) -> Message:
    return Message(
        body,
        message_id=id,
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        headers={ATTEMPT: attempt, SIGNATURE: signature},
    )
