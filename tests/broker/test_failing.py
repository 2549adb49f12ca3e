"""A handler that fails: tried again later, a bounded number of times, then parked for people."""

import pytest

from chassis.rabbitmq import RabbitTransport
from chassis.transport import Delivery, Unprocessable
from tests.broker.conftest import Connect
from tests.broker.desk import DELAYS_MILLISECONDS, PUBLISHED, SERVICE, Desk, event
from tests.waiting import until

pytestmark = pytest.mark.integration


async def test_a_failure_is_tried_again_after_each_delay_and_then_succeeds(
    transport: RabbitTransport,
) -> None:
    desk = Desk(failures=2)
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event(b"stubborn")])
    await desk.see(3)

    assert desk.bodies == [b"stubborn"] * 3
    assert [delivery.attempt for delivery in desk.arrivals] == [1, 2, 3]
    waited = [later - sooner for sooner, later in zip(desk.times, desk.times[1:], strict=False)]
    assert waited[0] >= DELAYS_MILLISECONDS[0] / 1000
    assert waited[1] >= DELAYS_MILLISECONDS[1] / 1000
    assert await transport.count_dead(SERVICE) == 0


async def test_a_failure_that_never_ends_is_parked_after_the_last_delay(
    transport: RabbitTransport,
) -> None:
    desk = Desk(failures=99)
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event()])

    await until(lambda: transport.count_dead(SERVICE), is_now=1)
    assert len(desk.arrivals) == 1 + len(DELAYS_MILLISECONDS)


async def test_what_can_never_work_is_parked_at_once(transport: RabbitTransport) -> None:
    desk = Desk(failures=99, error=Unprocessable("amount_mismatch: 1 is not 2"))
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event()])

    await until(lambda: transport.count_dead(SERVICE), is_now=1)
    assert len(desk.arrivals) == 1


async def test_an_event_that_fails_does_not_hold_up_the_ones_behind_it(
    transport: RabbitTransport,
) -> None:
    class PickyDesk(Desk):
        async def take(self, delivery: Delivery) -> None:
            await super().take(delivery)
            if delivery.body == b"bad":
                raise RuntimeError("not this one")

    desk = PickyDesk()
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event(b"bad"), event(b"good 1"), event(b"good 2")])

    await until(lambda: transport.count_dead(SERVICE), is_now=1)
    assert desk.bodies.count(b"good 1") == desk.bodies.count(b"good 2") == 1


async def test_parked_events_are_replayed_to_the_queue_they_failed_in(
    transport: RabbitTransport,
) -> None:
    desk = Desk(failures=2, error=Unprocessable("the series is not open yet"))
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)
    await transport.publish([event(b"one"), event(b"two")])
    await until(lambda: transport.count_dead(SERVICE), is_now=2)

    replayed = await transport.replay_dead(SERVICE, limit=10)

    await desk.see(4)
    assert replayed == 2
    assert sorted(desk.bodies) == [b"one", b"one", b"two", b"two"]
    assert await transport.count_dead(SERVICE) == 0


async def test_replay_takes_no_more_than_it_was_told_to(transport: RabbitTransport) -> None:
    desk = Desk(failures=3, error=Unprocessable("no"))
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)
    await transport.publish([event(), event(), event()])
    await until(lambda: transport.count_dead(SERVICE), is_now=3)

    assert await transport.replay_dead(SERVICE, limit=1) == 1

    await desk.see(4)
    assert await transport.count_dead(SERVICE) == 2


async def test_what_fails_again_after_a_replay_is_parked_again(transport: RabbitTransport) -> None:
    desk = Desk(failures=99, error=Unprocessable("still no"))
    await transport.subscribe(SERVICE, [PUBLISHED], desk.take)
    await transport.publish([event()])
    await until(lambda: transport.count_dead(SERVICE), is_now=1)

    assert await transport.replay_dead(SERVICE, limit=10) == 1

    await desk.see(2)
    await until(lambda: transport.count_dead(SERVICE), is_now=1)


async def test_parked_events_survive_the_process_that_parked_them(
    transport: RabbitTransport, connect: Connect
) -> None:
    first, desk = await connect(), Desk(failures=1, error=Unprocessable("no"))
    await first.subscribe(SERVICE, [PUBLISHED], desk.take)
    await transport.publish([event()])
    await until(lambda: transport.count_dead(SERVICE), is_now=1)

    await first.close()

    assert await transport.count_dead(SERVICE) == 1
