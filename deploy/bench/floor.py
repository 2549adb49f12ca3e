"""The bare floor: the same journey with no framework, to hold the platform's figures against.

One process, asyncpg and aio-pika alone: open (P-256 verify, insert) → confirm (conditional update)
→ notice (P-256 verify, one settling statement) → relay (publish with confirms, forget in a batch) →
consumer (inbox, number, signed XML, receipt row) → ack. A journey ends when the receipt row is
committed. It has no HTTP, no evidence, no idempotency keys and no second service.
"""

import asyncio
import hashlib
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import aio_pika
import asyncpg
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.ids import SystemIds

IN_FLIGHT: Final = 24
POOL_SIZE: Final = 8
DATABASE: Final = "lephi_floor"
QUEUE: Final = "lephi-floor"
IDS: Final = SystemIds()
AMOUNT: Final = 150_000
TABLES: Final = """
CREATE TABLE intent (id uuid PRIMARY KEY, amount bigint NOT NULL, status text NOT NULL);
CREATE TABLE entry (intent_id uuid NOT NULL, account text NOT NULL, amount bigint NOT NULL);
CREATE TABLE outbox (id uuid PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE inbox (event_id uuid PRIMARY KEY);
CREATE TABLE series (symbol text PRIMARY KEY, last_number bigint NOT NULL);
CREATE TABLE receipt (symbol text, number bigint, intent_id uuid UNIQUE, xml bytea,
    PRIMARY KEY (symbol, number));
INSERT INTO series VALUES ('AA-26E', 0);
"""
SETTLE: Final = """
WITH paid AS (
    UPDATE intent SET status = 'succeeded' WHERE id = $1 AND status = 'confirmed' RETURNING id
), entries AS (
    INSERT INTO entry SELECT id, account, amount FROM paid,
        (VALUES ('provider', $2::bigint), ('agency', -$2::bigint)) AS line (account, amount)
)
INSERT INTO outbox SELECT $3, $4 FROM paid
"""
NUMBER: Final = """
WITH claimed AS (INSERT INTO inbox VALUES ($1) ON CONFLICT DO NOTHING RETURNING event_id),
drawn AS (
    UPDATE series SET last_number = last_number + 1 FROM claimed WHERE symbol = 'AA-26E'
    RETURNING symbol, last_number
)
INSERT INTO receipt SELECT symbol, last_number, $2, $3 FROM drawn
"""


@dataclass(slots=True)
class Floor:
    pool: "asyncpg.Pool[Any]"
    exchange: aio_pika.abc.AbstractExchange
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    waiting: dict[UUID, "asyncio.Future[None]"] = field(default_factory=dict)
    committed: asyncio.Event = field(default_factory=asyncio.Event)

    async def journey(self) -> float:
        """Seconds from the notice to the receipt row."""
        intent_id = IDS.new()
        body = b'{"fee":"%s","amount":150000}' % str(intent_id).encode()
        self._verify(body, self._sign(body))
        await self.pool.execute("INSERT INTO intent VALUES ($1, $2, 'created')", intent_id, AMOUNT)
        confirm = "UPDATE intent SET status = 'confirmed' WHERE id = $1 AND status = 'created'"
        await self.pool.execute(confirm, intent_id)
        began = time.perf_counter()
        self._verify(body, self._sign(body))
        receipted = self.waiting[intent_id] = asyncio.get_running_loop().create_future()
        await self.pool.execute(SETTLE, intent_id, AMOUNT, IDS.new(), intent_id.bytes)
        self.committed.set()
        await receipted
        del self.waiting[intent_id]
        return time.perf_counter() - began

    async def relay(self) -> None:
        while True:
            rows = await self.pool.fetch("SELECT id, body FROM outbox LIMIT 100")
            if not rows:
                await self.committed.wait()
                self.committed.clear()
                continue
            await asyncio.gather(*(self._publish(row) for row in rows))
            ids = [row["id"] for row in rows]
            await self.pool.execute("DELETE FROM outbox WHERE id = ANY($1)", ids)

    async def consume(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        intent_id = UUID(bytes=message.body)
        event_id = UUID(message.message_id)
        await self.pool.execute(NUMBER, event_id, intent_id, self._receipt(intent_id))
        await message.ack()
        future = self.waiting.get(intent_id)
        if future is not None and not future.done():
            future.set_result(None)

    async def _publish(self, row: "asyncpg.Record") -> None:
        message = aio_pika.Message(row["body"], message_id=str(row["id"]), delivery_mode=2)
        await self.exchange.publish(message, QUEUE)

    def _receipt(self, intent_id: UUID) -> bytes:
        content = b"<BLai><DLBLai>%s</DLBLai></BLai>" % (str(intent_id).encode() * 40)
        digest = hashlib.sha256(content).digest()
        return content + b64encode(self._sign(digest))

    def _sign(self, body: bytes) -> bytes:
        return self.key.sign(body, ec.ECDSA(SHA256()))

    def _verify(self, body: bytes, signature: bytes) -> None:
        self.key.public_key().verify(signature, body, ec.ECDSA(SHA256()))


@asynccontextmanager
async def running(postgres_url: str, rabbitmq_url: str) -> AsyncIterator[Floor]:
    """A floor on a database and a queue of its own; both are gone afterwards."""
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    url = f"{postgres_url.rsplit('/', 1)[0]}/{DATABASE}"
    try:
        async with asyncpg.create_pool(url, min_size=1, max_size=POOL_SIZE) as pool:
            await pool.execute(TABLES)
            async with _with_broker(pool, rabbitmq_url) as floor:
                yield floor
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        await admin.close()


@asynccontextmanager
async def _with_broker(pool: "asyncpg.Pool[Any]", rabbitmq_url: str) -> AsyncIterator[Floor]:
    connection = await aio_pika.connect(rabbitmq_url)
    publishing = await connection.channel(publisher_confirms=True)
    hearing = await connection.channel()
    await hearing.set_qos(prefetch_count=100)
    queue = await hearing.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    await queue.purge()
    floor = Floor(pool=pool, exchange=publishing.default_exchange)
    await queue.consume(floor.consume)
    relay = asyncio.create_task(floor.relay())
    try:
        yield floor
    finally:
        relay.cancel()
        await queue.delete(if_unused=False, if_empty=False)
        await connection.close()


async def run_many(floor: Floor, journeys: int) -> list[float]:
    """Seconds from notice to receipt of each journey, so many at a time."""
    room = asyncio.Semaphore(IN_FLIGHT)

    async def one() -> float:
        async with room:
            return await floor.journey()

    return list(await asyncio.gather(*(one() for _ in range(journeys))))
