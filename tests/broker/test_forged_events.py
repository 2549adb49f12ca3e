"""Somebody has the broker: whatever they publish there has no effect and is kept for people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.consuming import Consumers
from chassis.events import Envelope, EventData
from chassis.rabbitmq import ATTEMPT, SIGNATURE, RabbitTransport
from chassis.signed_events import EventSigner, EventVerifier
from chassis.testing import FrozenClock
from chassis.transport import Delivery, Outgoing
from tests.broker.desk import DELAYS_MILLISECONDS, PUBLISHED, SERVICE
from tests.waiting import until

pytestmark = pytest.mark.integration

HOUSE_KEY = generate_private_key(SECP256R1())
SISTER_KEY = generate_private_key(SECP256R1())
HOUSE, SISTER = EventSigner(HOUSE_KEY), EventSigner(SISTER_KEY)
STRANGER = EventSigner(generate_private_key(SECP256R1()))
REASON: Final = "lephi-reason"


class BookPublished(EventData):
    type = PUBLISHED

    title: str


@dataclass
class Shelf:
    """A service as it runs: it verifies, reads and puts up; it can be made to fail."""

    titles: list[str] = field(default_factory=list)
    failures: int = 0
    seen: int = 0

    async def take(self, delivery: Delivery) -> None:
        consumers = Consumers[None](service=SERVICE)
        consumers.on(PUBLISHED, Envelope[BookPublished], self._put_up, producer="house")
        keys = {"house": [HOUSE_KEY.public_key()], "sister": [SISTER_KEY.public_key()]}
        await consumers.hear(delivery, None, verifier=EventVerifier(SERVICE, keys))

    async def _put_up(self, event: Envelope[BookPublished], _tools: None) -> None:
        self.seen += 1
        if self.seen <= self.failures:
            raise RuntimeError("no room")
        self.titles.append(event.data.title)


def body(title: str) -> bytes:
    return (
        Envelope[BookPublished]
        .of(
            BookPublished(title=title),
            id=UUID(int=1),
            source="house",
            subject=title,
            time=FrozenClock().now(),
        )
        .to_bytes()
    )


def forgeries() -> Mapping[str, tuple[bytes, Mapping[str, Any]]]:
    forged = body("forged")
    right = {ATTEMPT: 1, SIGNATURE: HOUSE.sign(PUBLISHED, body("true"))}
    return {
        "unsigned": (forged, {ATTEMPT: 1}),
        "signed with nothing": (forged, {ATTEMPT: 1, SIGNATURE: ""}),
        "a number for a signature": (forged, {ATTEMPT: 1, SIGNATURE: 7}),
        "altered": (forged, right),
        "by a stranger": (body("forged"), {SIGNATURE: STRANGER.sign(PUBLISHED, body("forged"))}),
        "by a sister": (body("forged"), {SIGNATURE: SISTER.sign(PUBLISHED, body("forged"))}),
        "another type's": (
            body("forged"),
            {SIGNATURE: HOUSE.sign("book.burnt.v1", body("forged"))},
        ),
        "no attempt at all": (body("forged"), {ATTEMPT: "many"}),
        "an attempt out of range": (body("forged"), {ATTEMPT: -9}),
        "no event": (b"\xff\x00", {ATTEMPT: 1}),
    }


async def publish_raw(
    channel: AbstractChannel, queue: str, raw: bytes, headers: Mapping[str, Any]
) -> None:
    message = aio_pika.Message(raw, headers=dict(headers))
    await channel.default_exchange.publish(message, queue)


async def test_forged_events_have_no_effect_and_are_parked_with_the_reason(
    transport: RabbitTransport, channel: AbstractChannel
) -> None:
    shelf, forged = Shelf(), forgeries()
    await transport.subscribe(SERVICE, [PUBLISHED], shelf.take)

    for raw, headers in forged.values():
        await publish_raw(channel, transport.named(f"{SERVICE}.{PUBLISHED}"), raw, headers)
    await until(lambda: transport.count_dead(SERVICE), is_now=len(forged))
    true = Outgoing(
        id=UUID(int=2),
        type=PUBLISHED,
        body=body("true"),
        signature=HOUSE.sign(PUBLISHED, body("true")),
    )
    await transport.publish([true])

    async def put_up() -> int:
        return len(shelf.titles)

    await until(put_up, is_now=1)
    assert (shelf.titles, shelf.seen) == (["true"], 1)
    dead = await channel.get_queue(transport.named(f"{SERVICE}.dead"), ensure=False)
    reasons = [str((await dead.get(no_ack=True)).headers[REASON]) for _ in forged]
    assert all(reason.startswith(f"{PUBLISHED} is refused") for reason in reasons), reasons


async def test_the_signature_outlives_retries_parking_and_replay(
    transport: RabbitTransport,
) -> None:
    shelf = Shelf(failures=len(DELAYS_MILLISECONDS) + 2)
    await transport.subscribe(SERVICE, [PUBLISHED], shelf.take)
    said = body("long way")
    await transport.publish(
        [Outgoing(id=UUID(int=3), type=PUBLISHED, body=said, signature=HOUSE.sign(PUBLISHED, said))]
    )
    await until(lambda: transport.count_dead(SERVICE), is_now=1)

    assert await transport.replay_dead(SERVICE, limit=1) == 1

    async def put_up() -> int:
        return len(shelf.titles)

    await until(put_up, is_now=1)
    assert json.loads(said)["data"]["title"] == shelf.titles[0]


async def test_a_replayed_forgery_is_refused_again(
    transport: RabbitTransport, channel: AbstractChannel
) -> None:
    shelf = Shelf()
    await transport.subscribe(SERVICE, [PUBLISHED], shelf.take)
    raw, headers = forgeries()["altered"]
    await publish_raw(channel, transport.named(f"{SERVICE}.{PUBLISHED}"), raw, headers)
    await until(lambda: transport.count_dead(SERVICE), is_now=1)

    assert await transport.replay_dead(SERVICE, limit=1) == 1

    await until(lambda: transport.count_dead(SERVICE), is_now=1)
    assert shelf.titles == []
