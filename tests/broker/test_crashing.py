"""A consumer that dies in the middle: the broker gives the event to the next one."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from chassis.rabbitmq import RabbitTransport
from tests.broker.conftest import Connect
from tests.broker.desk import PUBLISHED, SERVICE, Desk, event
from tests.waiting import until

pytestmark = pytest.mark.integration

VICTIM = """
import asyncio, sys
from chassis.rabbitmq import RabbitTransport
from chassis.transport import Delivery

async def take(delivery: Delivery) -> None:
    print("took", delivery.body.decode(), flush=True)
    await asyncio.sleep(3600)

async def main(url: str, prefix: str, service: str, type: str) -> None:
    transport = await RabbitTransport.connect(url, prefix=prefix, delays_milliseconds=(50, 150))
    await transport.subscribe(service, [type], take)
    print("ready", flush=True)
    await asyncio.sleep(3600)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_an_event_comes_again_when_its_consumer_is_killed(
    broker_url: str, prefix: str, transport: RabbitTransport, connect: Connect
) -> None:
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, broker_url, prefix, SERVICE, PUBLISHED,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert victim.stdout is not None
    assert await victim.stdout.readline() == b"ready\n"
    await transport.publish([event(b"precious")])
    assert await victim.stdout.readline() == b"took precious\n"

    os.kill(victim.pid, signal.SIGKILL)
    await victim.wait()

    survivor, desk = await connect(), Desk()
    await survivor.subscribe(SERVICE, [PUBLISHED], desk.take)
    await desk.see(1)
    assert desk.bodies == [b"precious"]


async def test_an_event_comes_again_when_the_connection_drops_before_its_acknowledgement(
    transport: RabbitTransport, connect: Connect
) -> None:
    begun = asyncio.Event()

    async def never_ends(_: object) -> None:
        begun.set()
        await asyncio.sleep(3600)

    doomed = await connect()
    await doomed.subscribe(SERVICE, [PUBLISHED], never_ends)
    await transport.publish([event(b"precious")])
    await asyncio.wait_for(begun.wait(), 10)

    await doomed.close()

    survivor, desk = await connect(), Desk()
    await survivor.subscribe(SERVICE, [PUBLISHED], desk.take)
    await desk.see(1)
    assert desk.bodies == [b"precious"]


async def test_two_consumers_of_one_service_share_the_work(
    transport: RabbitTransport, connect: Connect
) -> None:
    left, right = Desk(), Desk()
    for desk in (left, right):
        await (await connect()).subscribe(SERVICE, [PUBLISHED], desk.take)

    await transport.publish([event(str(number).encode()) for number in range(50)])

    async def arrived() -> int:
        return len(left.arrivals) + len(right.arrivals)

    await until(arrived, is_now=50)
    assert sorted(map(int, left.bodies + right.bodies)) == list(range(50))
