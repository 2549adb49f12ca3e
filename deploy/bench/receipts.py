"""Receipts numbered and signed, on one hot series and on fifty, beside bare counter rows.

In this process, on a database of its own: what the receipt worker does for a payment, without the
broker. The floor is the counter row of the gapless number and the receipt row, one receipt a
transaction, through the bare driver, with nothing signed.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import asyncpg

import services.receipt
from chassis.clock import SystemClock
from chassis.db import Database
from chassis.gathering import Gathering
from chassis.ids import SystemIds
from chassis.migrations import upgrade_async
from chassis.money import Money
from chassis.sealing import Sealer
from deploy.bench.processes import read_cpu
from deploy.stack import Stack
from services.receipt.domain.receipts.fee import CollectingBody, FeeLine, PaidFee
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import BLOCK_MAX, issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid

RECEIPTS: Final = 3_000
SERIES: Final = 50
# As many as a consumer has in hand, and as many connections as a service opens.
IN_FLIGHT: Final = 64
POOL: Final = 8
IDS: Final = SystemIds()
DATABASE: Final = "lephi_bench_numbers"
BODY_BYTES: Final = 3_800
FLOOR_TABLES: Final = """
    CREATE TABLE floor_series (name int PRIMARY KEY, last_number bigint NOT NULL);
    CREATE TABLE floor_receipt (name int, number bigint, body bytea NOT NULL,
        PRIMARY KEY (name, number));
    INSERT INTO floor_series SELECT name, 0 FROM generate_series(0, 49) AS name;
"""
FLOOR_DRAW: Final = (
    "UPDATE floor_series SET last_number = last_number + 1 WHERE name = $1 RETURNING last_number"
)
FLOOR_INSERT: Final = "INSERT INTO floor_receipt VALUES ($1, $2, $3)"
AGENCY: Final = CollectingBody(
    agency_code="H19.01",
    name="Cơ quan thu thử nghiệm",
    address="Đồng Nai",
    tax_code="3600000001",
    phone=None,
    valid_from=date(2020, 1, 1),
    valid_to=None,
)
GAPS: Final = """
    SELECT count(*) FROM (
        SELECT agency_code, symbol FROM receipt GROUP BY agency_code, symbol
        HAVING count(*) <> max(number) OR min(number) <> 1 OR count(*) <> count(issued_at)
    ) AS broken
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a second; CPU milliseconds of each, here and in PostgreSQL."""

    per_second: float
    own_cpu_ms: float
    postgresql_cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFigures:
    hot: Rate
    spread: Rate
    floor_hot: Rate
    floor_spread: Rate


async def measure(stack: Stack, say: Callable[[str], None]) -> ReceiptFigures:
    async with _database(stack) as url:
        async with _issuing(stack, url) as issue:
            say(f"numbering and signing {RECEIPTS:,} receipts, one series, then {SERIES}")
            await _rate(issue, series=SERIES)
            hot, spread = await _rate(issue, series=1), await _rate(issue, series=SERIES)
        async with asyncpg.create_pool(_plain(url), min_size=POOL, max_size=POOL) as pool:
            if await pool.fetchval(GAPS):
                raise RuntimeError("a series has a gap or an unsigned number")
            await pool.execute(FLOOR_TABLES)
            bare = _bare(pool)
            floor_hot, floor_spread = await _rate(bare, series=1), await _rate(bare, series=SERIES)
    return ReceiptFigures(hot=hot, spread=spread, floor_hot=floor_hot, floor_spread=floor_spread)


async def _rate(take: Callable[[int], Awaitable[object]], *, series: int) -> Rate:
    left = iter(range(RECEIPTS))

    async def lane() -> None:
        for number in left:
            await take(number % series)

    before, began = read_cpu({"own": os.getpid()}), time.monotonic()
    await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))
    seconds = time.monotonic() - began
    spent: Mapping[str, float] = read_cpu({"own": os.getpid()}).since(before).cpu_seconds
    return Rate(
        per_second=RECEIPTS / seconds,
        own_cpu_ms=spent["own"] / RECEIPTS * 1000,
        postgresql_cpu_ms=spent.get("postgresql", 0.0) / RECEIPTS * 1000,
    )


@asynccontextmanager
async def _issuing(
    stack: Stack, url: str
) -> AsyncIterator[Callable[[int], Awaitable[Sequence[Receipt]]]]:
    """What the worker does for one paid fee of the so-manieth agency."""
    clock, ids, keys = SystemClock(), IDS, stack.var_dir / "keys"
    signer = XmlReceiptSigner(OneSigner(FileSigner.from_directory(keys / "receipt")))
    seals = Sealer.from_directory(keys / "sealing")
    sealed = seals.seal({"full_name": "Người nộp thử"}, purpose="payer")
    database = Database.open(url, pool_size=POOL)

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(database, clock=clock, ids=ids)

    async def issue(paid: Sequence[Paid]) -> Sequence[Sequence[Receipt]]:
        return await issue_receipts(
            paid, uow=new_uow(), signer=signer, seals=seals, clock=clock, ids=ids
        )

    async with new_uow() as uow:
        for number in range(SERIES):
            body = replace(AGENCY, agency_code=_agency(number))
            await uow.collecting_bodies.save(body, published_at=clock.now())
    gathering = Gathering(issue, at_most=BLOCK_MAX)
    try:
        yield lambda number: gathering.ask(
            Paid(fee=_fee(_agency(number), sealed, ids, clock), caused_by=ids.new())
        )
    finally:
        await database.close()


def _bare(pool: "asyncpg.Pool[Any]") -> Callable[[int], Awaitable[None]]:
    body = IDS.token(BODY_BYTES).encode()

    async def take(series: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            number = await connection.fetchval(FLOOR_DRAW, series)
            await connection.execute(FLOOR_INSERT, series, number, body)

    return take


@asynccontextmanager
async def _database(stack: Stack) -> AsyncIterator[str]:
    admin = await asyncpg.connect(_plain(stack.postgres_url))
    url = f"{stack.postgres_url.rsplit('/', 1)[0]}/{DATABASE}"
    await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {DATABASE}")
    try:
        await upgrade_async(url, Path(services.receipt.__file__).parent / "migrations")
        yield url
    finally:
        await admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await admin.close()


def _fee(agency_code: str, sealed: str, ids: SystemIds, clock: SystemClock) -> PaidFee:
    line = FeeLine(
        line_code="LP-001",
        name="Lệ phí thử nghiệm",
        kind="le_phi",
        quantity=1,
        amount=Money(150_000),
        legal_basis="Nghị quyết số 21/2024/NQ-HĐND",
        agency_code=agency_code,
    )
    return PaidFee(
        payment_intent_id=ids.new(),
        dossier_id=ids.new(),
        dossier_code="H19.25-261123-0001",
        procedure_code="1.012756",
        procedure_name="Đăng ký đất đai lần đầu",
        agency_code=agency_code,
        client_id="portal-demo",
        amount=line.amount,
        method="vietqr",
        provider="sandbox",
        provider_reference=ids.token(12),
        paid_at=clock.now(),
        lines=(line,),
        payer_sealed=sealed,
    )


def _agency(number: int) -> str:
    return f"H19.{number + 1:02d}"


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


def table(figures: ReceiptFigures) -> str:
    columns = (figures.hot, figures.floor_hot, figures.spread, figures.floor_spread)
    rows: list[tuple[str, Callable[[Rate], float]]] = [
        ("receipts a second", lambda one: one.per_second),
        ("CPU ms of each, own", lambda one: one.own_cpu_ms),
        ("CPU ms of each, PostgreSQL", lambda one: one.postgresql_cpu_ms),
    ]
    lines = [
        "",
        f"{RECEIPTS:,} receipts numbered, signed and stored; the floor draws and stores only",
        f"{'':30}{'one series':>12}{'its floor':>12}{f'{SERIES} series':>12}{'their floor':>12}",
    ]
    lines += [f"{name:30}" + "".join(f"{of(one):12.2f}" for one in columns) for name, of in rows]
    lines.append(
        f"one hot series against its floor (aim 1): "
        f"{figures.hot.per_second / figures.floor_hot.per_second:.2f}"
    )
    return "\n".join(lines)
