"""Published means: the broker has it on disk, with everybody who asked for it or on the side."""

import pytest
from aio_pika.abc import AbstractChannel

from chassis.rabbitmq import RabbitTransport
from tests.broker.conftest import Connect
from tests.broker.desk import PUBLISHED, SERVICE, UNHEARD, Desk, event

pytestmark = pytest.mark.integration


async def test_an_event_reaches_the_service_that_asked_for_its_type(
    transport: RabbitTransport,
) -> None:
    desk = Desk()
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event(b'{"title":"Ch\xc3\xad Ph\xc3\xa8o"}')])
    await desk.see(1)

    assert desk.bodies == [b'{"title":"Ch\xc3\xad Ph\xc3\xa8o"}']
    assert desk.arrivals[0].type == PUBLISHED
    assert desk.arrivals[0].attempt == 1


async def test_publishing_returns_only_when_the_broker_holds_the_whole_batch(
    transport: RabbitTransport, channel: AbstractChannel
) -> None:
    desk = Desk()
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)
    await transport.publish([event(str(number).encode()) for number in range(100)])
    await desk.see(100)

    assert sorted(map(int, desk.bodies)) == list(range(100))


async def test_an_event_nobody_asked_for_is_kept_aside_and_blocks_nobody(
    transport: RabbitTransport, channel: AbstractChannel
) -> None:
    await transport.publish([event(b"unheard", type=UNHEARD)])

    unrouted = await channel.get_queue(transport.named("unrouted"))
    kept = await unrouted.get(timeout=5)
    assert kept.body == b"unheard"
    assert kept.routing_key == UNHEARD
    await kept.ack()


async def test_an_event_is_written_to_disk_and_carries_its_id(
    transport: RabbitTransport, channel: AbstractChannel
) -> None:
    said = event(type=UNHEARD)

    await transport.publish([said])

    kept = await (await channel.get_queue(transport.named("unrouted"))).get(timeout=5)
    assert kept.delivery_mode == 2
    assert kept.message_id == str(said.id)
    await kept.ack()


async def test_an_event_waits_for_a_service_that_is_away(
    transport: RabbitTransport, connect: Connect
) -> None:
    first = await connect()
    await first.subscribe(SERVICE, [PUBLISHED], Desk().take)
    await first.close()

    await transport.publish([event(b"meanwhile")])

    back, desk = await connect(), Desk()
    await back.subscribe(SERVICE, [PUBLISHED], desk.take)
    await desk.see(1)
    assert desk.bodies == [b"meanwhile"]


async def test_publishing_on_a_closed_connection_raises_instead_of_forgetting(
    transport: RabbitTransport,
) -> None:
    await transport.close()

    with pytest.raises((RuntimeError, OSError)):
        await transport.publish([event()])


async def test_events_wait_for_a_service_that_has_never_started(
    transport: RabbitTransport,
) -> None:
    await transport.prepare(SERVICE, [PUBLISHED])

    await transport.publish([event(b"early")])

    desk = Desk()
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)
    await desk.see(1)
    assert desk.bodies == [b"early"]
