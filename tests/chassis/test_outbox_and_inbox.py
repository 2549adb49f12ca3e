import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from sqlalchemy import select

from chassis.db import Database, TransactionScope, new_metadata
from chassis.events import Envelope, EventData
from chassis.ids import SystemIds
from chassis.inbox import SqlInbox, inbox_table
from chassis.outbox import SqlOutbox, outbox_table, relay_batch
from chassis.signed_events import EventSigner
from chassis.testing import FrozenClock
from chassis.transport import Outgoing

METADATA = new_metadata()
OUTBOX, INBOX = outbox_table(METADATA), inbox_table(METADATA)
EVENT_ID = UUID(int=7)
SIGNER = EventSigner(generate_private_key(SECP256R1()))


class ThingHappened(EventData):
    type: ClassVar[str] = "thing.happened.v1"

    amount_minor_units: int


class Scope(TransactionScope):
    def bind(self, connection):  # type: ignore[no-untyped-def]
        clock = FrozenClock()
        self.outbox = SqlOutbox(connection, OUTBOX, source="test", clock=clock, ids=SystemIds())
        self.inbox = SqlInbox(connection, INBOX, clock=clock)


class Recording:
    def __init__(self, error: Exception | None = None) -> None:
        self.said: list[Outgoing] = []
        self._error = error

    async def publish(self, events: Sequence[Outgoing]) -> None:
        if self._error is not None:
            raise self._error
        self.said += events

    async def subscribe(self, service: str, types: Sequence[str], handle: object) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database.open(database_url)
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
    yield database
    async with database.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
    await database.close()


async def waiting(database: Database) -> list[bytes]:
    async with database.read() as connection:
        return list((await connection.scalars(select(OUTBOX.c.body))).all())


async def test_an_event_waits_only_if_its_transaction_committed(database: Database) -> None:
    async with Scope(database) as scope:
        await scope.outbox.add(ThingHappened(amount_minor_units=1), subject="a")
    with pytest.raises(RuntimeError):
        async with Scope(database) as scope:
            await scope.outbox.add(ThingHappened(amount_minor_units=2), subject="b")
            raise RuntimeError

    (body,) = await waiting(database)
    read = Envelope[ThingHappened].model_validate_json(body)
    assert read.data.amount_minor_units == 1
    assert (read.type, read.subject, read.specversion) == ("thing.happened.v1", "a", "1.0")


async def test_the_relay_forgets_only_what_was_confirmed(database: Database) -> None:
    async with Scope(database) as scope:
        for number in range(3):
            await scope.outbox.add(ThingHappened(amount_minor_units=number), subject="a")

    with pytest.raises(ConnectionError):
        await relay_batch(database, OUTBOX, Recording(ConnectionError()), signer=SIGNER)
    assert len(await waiting(database)) == 3

    broker = Recording()
    assert await relay_batch(database, OUTBOX, broker, signer=SIGNER) == 3
    assert len(broker.said) == 3
    assert all(event.signature for event in broker.said)
    assert await waiting(database) == []


async def test_an_event_is_claimed_once_by_each_consumer(database: Database) -> None:
    async def claim(consumer: str) -> bool:
        async with Scope(database) as scope:
            return await scope.inbox.claim(EVENT_ID, consumer)

    claims = await asyncio.gather(*(claim("receipt") for _ in range(10)))

    assert sum(claims) == 1
    assert await claim("dossier")


async def test_a_claim_is_given_back_when_the_effect_fails(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with Scope(database) as scope:
            assert await scope.inbox.claim(EVENT_ID, "receipt")
            raise RuntimeError

    async with Scope(database) as scope:
        assert await scope.inbox.claim(EVENT_ID, "receipt")
