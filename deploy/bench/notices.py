"""Banks' notices through the gateway, accepted and settled, and the bare floor beside them.

The fees are confirmed, and the notices signed, before the clock starts. While notices are taken
the workers stand still; then they run on, so that what follows a settlement is counted apart.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import aiohttp
import asyncpg

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import CALLBACK, RequestSigner, SignedMessage, verify
from deploy.bench.processes import read_cpu
from deploy.bench.stored import PROVIDER, Stored
from deploy.stack import Stack

# Few enough that none is older than its signature's minute when it is sent.
NOTICES: Final = 500
IN_FLIGHT: Final = 24
CLIENT: Final = "bank-sandbox"
TARGET: Final = f"/v1/provider-notifications/{PROVIDER}"
FOLLOWED_SECONDS_MAX: Final = 120.0
LOOK_SECONDS: Final = 0.1
FOLLOWED: Final = """
    SELECT NOT EXISTS (SELECT 1 FROM outbox) AND NOT EXISTS (
        SELECT 1 FROM unnest($1::uuid[]) AS paid (id) WHERE NOT EXISTS (
            SELECT 1 FROM receipt WHERE payment_intent_id = paid.id AND status = 'issued'
        )
    )
"""
FLOOR_DATABASE: Final = "lephi_notice_floor"
FLOOR_POOL: Final = 8
# Processes are read in hundredths of a second: the floor needs more rows to be seen at all.
FLOOR_TIMES: Final = 8
FLOOR_TABLE: Final = (
    "CREATE TABLE notice (reference text PRIMARY KEY, raw bytea NOT NULL, signature text NOT NULL)"
)
FLOOR_INSERT: Final = "INSERT INTO notice VALUES ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Signed:
    reference: str
    raw: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRound:
    """CPU milliseconds of one notice, by process: until settled, and for all that follows."""

    per_second: float
    per_second_with_all: float
    p50_ms: float
    p99_ms: float
    settled_cpu_ms: Mapping[str, float]
    followed_cpu_ms: Mapping[str, float]
    floor_per_second: float
    floor_cpu_ms: Mapping[str, float]

    @property
    def settled_ms(self) -> float:
        return sum(cost for name, cost in self.settled_cpu_ms.items() if name != "client")

    @property
    def followed_ms(self) -> float:
        return sum(cost for name, cost in self.followed_cpu_ms.items() if name != "client")

    @property
    def floor_ms(self) -> float:
        return sum(self.floor_cpu_ms.values())

    @property
    def ratio(self) -> float:
        return self.settled_ms / self.floor_ms


async def measure(
    stack: Stack, pids: Mapping[str, int], http: aiohttp.ClientSession, stored: Stored
) -> NoticeRound:
    bills = await stored.add_waiting(NOTICES)
    signed = sign_all(stack, await stored.payee(), bills)
    workers = [pid for name, pid in pids.items() if name.endswith("-worker")]
    async with _standing_still(workers, stored.connection):
        before, began = read_cpu(pids), time.monotonic()
        latencies = sorted(await _in_flight(signed, lambda one: _post(http, stack, one)))
        seconds, settled = time.monotonic() - began, read_cpu(pids)
        continued = time.monotonic()
    await _followed(stack, stored.connection, bills)
    in_all, everything = seconds + time.monotonic() - continued, read_cpu(pids)
    await _require_settled(stored.connection, bills)
    floor_per_second, floor_cpu = await _floor(stack, signed)
    return NoticeRound(
        per_second=len(bills) / seconds,
        per_second_with_all=len(bills) / in_all,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
        settled_cpu_ms=_each(settled.since(before).cpu_seconds),
        followed_cpu_ms=_each(everything.since(settled).cpu_seconds),
        floor_per_second=floor_per_second,
        floor_cpu_ms=floor_cpu,
    )


def sign_all(stack: Stack, payee: Mapping[str, Any], bills: Sequence[str]) -> Sequence[Signed]:
    """One exact notice for each fee, as the bank would sign it a moment ago."""
    clock, ids = SystemClock(), SystemIds()
    key = load_private_key(stack.var_dir / "keys" / "clients" / f"{CLIENT}.key.pem")
    signer = RequestSigner(CLIENT, thumbprint(key.public_key()), key, clock=clock, ids=ids)
    url, signed = stack.url("gateway") + TARGET, []
    for bill in bills:
        notice = {
            "notice_id": str(ids.new()),
            "provider_reference": ids.token(12),
            "bill_number": bill,
            "purpose": bill,
            **payee,
            "outcome": "succeeded",
            "paid_at": clock.now().isoformat(),
        }
        raw = json.dumps(notice).encode()
        headers = signer.headers("POST", url, raw, shape=CALLBACK)
        signed.append(Signed(notice["provider_reference"], raw, headers))
    return signed


async def _in_flight(signed: Sequence[Signed], take: Any) -> list[float]:
    waiting, seconds = iter(signed), []

    async def lane() -> None:
        for one in waiting:
            began = time.perf_counter()
            await take(one)
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
    return seconds


async def _post(http: aiohttp.ClientSession, stack: Stack, one: Signed) -> None:
    url = stack.url("gateway") + TARGET
    async with http.post(url, data=one.raw, headers=one.headers) as answer:
        said = await answer.read()
        if answer.status != 200 or b'"settled"' not in said:
            raise RuntimeError(f"notice: {answer.status} {said[:300]!r}")


@asynccontextmanager
async def _standing_still(
    workers: Sequence[int], connection: "asyncpg.Connection[Any]"
) -> AsyncIterator[None]:
    """None of them in the middle of a transaction, whose locks would hold up the others."""
    begun = (
        "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL"
        " AND datname = current_database() AND pid <> pg_backend_pid() AND backend_type = $1"
    )
    try:
        while True:
            _signal(workers, signal.SIGSTOP)
            await asyncio.sleep(LOOK_SECONDS)
            if not await connection.fetchval(begun, "client backend"):
                break
            _signal(workers, signal.SIGCONT)
            await asyncio.sleep(LOOK_SECONDS)
        yield
    finally:
        _signal(workers, signal.SIGCONT)


def _signal(pids: Sequence[int], what: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, what)


async def _followed(
    stack: Stack, connection: "asyncpg.Connection[Any]", bills: Sequence[str]
) -> None:
    """Until every fee that was paid has its receipts, and their events are out."""
    url = stack.database_url("receipt").replace("postgresql+asyncpg://", "postgresql://")
    paid = await connection.fetch(
        "SELECT id FROM payment_intent WHERE bill_reference = ANY($1)", list(bills)
    )
    receipts = await asyncpg.connect(url)
    deadline = time.monotonic() + FOLLOWED_SECONDS_MAX
    try:
        while not await receipts.fetchval(FOLLOWED, [row["id"] for row in paid]):
            if time.monotonic() > deadline:
                raise RuntimeError("what was paid does not get its receipts")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await receipts.close()


async def _require_settled(connection: "asyncpg.Connection[Any]", bills: Sequence[str]) -> None:
    """A figure about money that did not move would be none."""
    paid = await connection.fetchval(
        "SELECT count(*) FROM payment_intent i JOIN ledger_transaction t"
        " ON t.payment_intent_id = i.id WHERE i.bill_reference = ANY($1)"
        " AND i.status = 'succeeded'",
        list(bills),
    )
    if paid != len(bills):
        raise RuntimeError(f"{len(bills)} notices settled {paid} fees")


async def _floor(stack: Stack, signed: Sequence[Signed]) -> tuple[float, Mapping[str, float]]:
    """No HTTP and no framework: the same signatures verified, and one committed row for each."""
    admin_url = stack.postgres_url.replace("postgresql+asyncpg://", "postgresql://")
    key = load_private_key(stack.var_dir / "keys" / "clients" / f"{CLIENT}.key.pem").public_key()
    url, clock, numbers = stack.url("gateway") + TARGET, SystemClock(), count()
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {FLOOR_DATABASE}")
    await admin.execute(f"CREATE DATABASE {FLOOR_DATABASE}")
    try:
        floor_url = f"{admin_url.rsplit('/', 1)[0]}/{FLOOR_DATABASE}"
        async with asyncpg.create_pool(floor_url, min_size=FLOOR_POOL, max_size=FLOOR_POOL) as pool:
            await pool.execute(FLOOR_TABLE)

            async def take(one: Signed) -> None:
                headers = tuple(one.headers.items())
                message = SignedMessage(method="POST", url=url, headers=headers, body=one.raw)
                verify(message, shape=CALLBACK, key=key, now=clock.now())
                signature = one.headers["signature"]
                reference = f"{one.reference}-{next(numbers)}"
                await pool.execute(FLOOR_INSERT, reference, one.raw, signature)

            before, began = read_cpu({"floor": os.getpid()}), time.monotonic()
            await _in_flight([*signed] * FLOOR_TIMES, take)
            seconds = time.monotonic() - began
            spent = read_cpu({"floor": os.getpid()}).since(before)
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {FLOOR_DATABASE} WITH (FORCE)")
        await admin.close()
    each = {name: cost / FLOOR_TIMES for name, cost in _each(spent.cpu_seconds).items()}
    return len(signed) * FLOOR_TIMES / seconds, each


def _each(spent: Mapping[str, float]) -> Mapping[str, float]:
    return {name: cost / NOTICES * 1000 for name, cost in spent.items()}
