"""No queue that is heard loses anything; one that was declared otherwise is not accepted."""

from typing import Any, Final

import pytest
from aio_pika.abc import AbstractRobustConnection
from aiormq.exceptions import ChannelPreconditionFailed

from chassis.rabbitmq import DELIVERY_LIMIT, LENGTH_MAX, UNROUTED_MAX, RabbitTransport
from tests.broker.desk import DELAYS_MILLISECONDS, PUBLISHED, SERVICE, Desk, event

pytestmark = pytest.mark.integration

KEEPING: Final = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-max-length": LENGTH_MAX,
    "x-dead-letter-strategy": "at-least-once",
}


def expected(transport: RabbitTransport) -> dict[str, dict[str, Any]]:
    """Each queue's arguments, written down once more by hand."""
    lasting = {
        **KEEPING,
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": transport.named("unrouted"),
    }
    queues = dict.fromkeys((f"{SERVICE}.{PUBLISHED}", f"{SERVICE}.dead"), lasting)
    queues["unrouted"] = {
        "x-queue-type": "quorum",
        "x-overflow": "drop-head",
        "x-max-length": UNROUTED_MAX,
    }
    for delay in DELAYS_MILLISECONDS:
        queues[f"retry.{delay}"] = {
            **KEEPING,
            "x-message-ttl": delay,
            "x-dead-letter-exchange": "",
        }
    return queues


async def test_every_queue_that_is_heard_refuses_rather_than_drops(
    transport: RabbitTransport, connection: AbstractRobustConnection
) -> None:
    await transport.subscribe(SERVICE, [PUBLISHED], Desk().take)

    for name, arguments in expected(transport).items():
        channel = await connection.channel()
        # The broker answers a second declaration only when every argument is the same.
        queue = await channel.declare_queue(
            transport.named(name), durable=True, arguments=arguments
        )
        assert queue.durable
        await channel.close()


@pytest.mark.parametrize(
    ("argument", "other"),
    [
        ("x-queue-type", "classic"),
        ("x-overflow", "drop-head"),
        ("x-dead-letter-strategy", "at-most-once"),
        ("x-delivery-limit", DELIVERY_LIMIT + 1),
    ],
)
async def test_a_queue_with_another_argument_is_refused_by_the_broker(
    transport: RabbitTransport, connection: AbstractRobustConnection, argument: str, other: object
) -> None:
    await transport.subscribe(SERVICE, [PUBLISHED], Desk().take)
    name = f"{SERVICE}.{PUBLISHED}"
    channel = await connection.channel()

    with pytest.raises(ChannelPreconditionFailed, match=argument):
        await channel.declare_queue(
            transport.named(name),
            durable=True,
            arguments=expected(transport)[name] | {argument: other},
        )


async def test_a_prefix_keeps_two_platforms_on_one_broker_apart(
    broker_url: str, transport: RabbitTransport
) -> None:
    here, there = Desk(), Desk()
    other = await RabbitTransport.connect(
        broker_url, prefix=transport.named("other"), delays_milliseconds=DELAYS_MILLISECONDS
    )
    await transport.subscribe(SERVICE, [PUBLISHED], here.take)
    await other.subscribe(SERVICE, [PUBLISHED], there.take)

    await transport.publish([event(b"here")])
    await here.see(1)

    assert there.arrivals == []
    await other.delete_everything([SERVICE], [PUBLISHED])
    await other.close()
