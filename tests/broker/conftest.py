"""A transport on the real broker under names of its own, and an observer beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractRobustConnection

from chassis.ids import SystemIds
from chassis.rabbitmq import RabbitTransport
from tests.broker.desk import DELAYS_MILLISECONDS, SERVICE, TYPES

Connect = Callable[[], Awaitable[RabbitTransport]]


@pytest.fixture
def prefix() -> str:
    return f"test-{SystemIds().new().hex[-12:]}"


@pytest.fixture
async def connect(broker_url: str, prefix: str) -> AsyncIterator[Connect]:
    """Open as many transports as a test has processes; what bears the prefix goes at the end."""
    opened: list[RabbitTransport] = []

    async def open_one() -> RabbitTransport:
        opened.append(
            await RabbitTransport.connect(
                broker_url, prefix=prefix, delays_milliseconds=DELAYS_MILLISECONDS
            )
        )
        return opened[-1]

    yield open_one
    last = await open_one()
    await last.delete_everything([SERVICE], TYPES)
    for transport in opened:
        await transport.close()


@pytest.fixture
async def transport(connect: Connect) -> RabbitTransport:
    return await connect()


@pytest.fixture
async def connection(broker_url: str) -> AsyncIterator[AbstractRobustConnection]:
    connection = await aio_pika.connect_robust(broker_url)
    yield connection
    await connection.close()


@pytest.fixture
async def channel(connection: AbstractRobustConnection) -> AbstractChannel:
    """An onlooker's channel, to see what the broker really holds."""
    return await connection.channel()
