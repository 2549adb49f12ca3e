import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from sqlalchemy import text

from chassis.db import Database, new_metadata
from chassis.events import EventData
from chassis.ids import SystemIds
from chassis.outbox import CHANNEL, SqlOutbox, outbox_table
from chassis.testing import FrozenClock

pytestmark = pytest.mark.integration
METADATA = new_metadata()
OUTBOX = outbox_table(METADATA)
# Far below the relay's own pause: what rings in this time was rung, not found by looking.
PROMPT_SECONDS = 0.5


class ThingHappened(EventData):
    type: ClassVar[str] = "thing.happened.v1"


@pytest.fixture
async def api(postgresql_url: str) -> AsyncIterator[Database]:
    """Another process, as far as the listener can tell."""
    database = Database.open(postgresql_url)
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
    yield database
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await database.close()


@pytest.fixture
async def worker(postgresql_url: str) -> AsyncIterator[Database]:
    database = Database.open(postgresql_url, pool_size=2)
    yield database
    await database.close()


async def say_something(database: Database) -> None:
    async with database.begin() as connection:
        outbox = SqlOutbox(connection, OUTBOX, source="test", clock=FrozenClock(), ids=SystemIds())
        await outbox.add(ThingHappened(), subject="a")


async def is_rung(database: Database) -> bool:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await database.committed.wait(PROMPT_SECONDS)
    return loop.time() - began < PROMPT_SECONDS * 0.9


async def test_an_event_stored_elsewhere_wakes_the_relay(api: Database, worker: Database) -> None:
    await worker.listen(CHANNEL)

    await say_something(api)

    assert await is_rung(worker)


async def test_a_commit_without_an_event_wakes_nobody(api: Database, worker: Database) -> None:
    await worker.listen(CHANNEL)

    async with api.begin() as connection:
        await connection.execute(text("SELECT 1"))

    assert not await is_rung(worker)


async def test_a_lost_listener_is_replaced_and_its_place_in_the_pool_given_back(
    api: Database, worker: Database
) -> None:
    for _ in range(4):
        await worker.listen(CHANNEL)
        async with api.begin() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )
        await asyncio.sleep(0.1)
    await worker.listen(CHANNEL)

    await say_something(api)

    assert await is_rung(worker)
    async with worker.read() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
