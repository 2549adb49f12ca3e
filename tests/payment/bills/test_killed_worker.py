"""Two thousand bills opened by workers that are killed on the way: every line exactly once."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from chassis.db import Database
from services.payment.storage.bills.tables import BILL_BATCH, BILL_BATCH_LINE
from services.payment.storage.intents.tables import (
    CONFIRMED_METHOD,
    PAYMENT_ATTEMPT,
    PAYMENT_INTENT,
)
from tests.payment.bills.conftest import BATCHES, csv_file, open_billers, row
from tests.payment.contracts import said_types

ROOT = Path(__file__).parents[3]
LINES = 2_000
BAD_EACH = 10
LOOKS_MAX = 6_000
# How far the batch has come when its workers are killed: in its reading, and in its opening.
KILLED_AT = ((500, 0), (1_500, 0), (LINES, 1), (LINES, 700), (LINES, 1_400))


def start(database: Database, keys_dir: Path) -> "subprocess.Popen[bytes]":
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.payment.bills.turning", url, str(keys_dir / "sealing")]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


async def progress(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        row = (await connection.execute(select(BILL_BATCH))).one()
        return row.read, row.opened + row.refused


async def count(database: Database, table: object) -> int:
    async with database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


@pytest.mark.integration
async def test_a_worker_killed_at_any_point_opens_every_line_exactly_once(
    postgresql: Database, keys_dir: Path
) -> None:
    chance = random.Random(7)
    rows = [
        row(f"HP-{number:06}", amount="x" if number % BAD_EACH == 0 else "5000")
        for number in range(LINES)
    ]
    async with open_billers(postgresql, keys_dir) as billers:
        sent = (await billers.send_file(csv_file(*rows))).json()

        for wanted in KILLED_AT:
            # Two at once: one holds the batch at a time.
            running = [start(postgresql, keys_dir) for _ in range(2)]
            for _ in range(LOOKS_MAX):
                if await progress(postgresql) >= wanted:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, 0.05))
            for process in running:
                process.kill()
                process.communicate()
        last = start(postgresql, keys_dir)
        for _ in range(LOOKS_MAX):
            if last.poll() is not None:
                break
            await asyncio.sleep(0.02)
        assert last.communicate()[1] == b""
        batch = (await billers.get(f"{BATCHES}/{sent['id']}")).json()

    bad = LINES // BAD_EACH
    assert (batch["status"], batch["lines"]) == ("completed", LINES)
    assert (batch["opened"], batch["refused"]) == (LINES - bad, bad)
    assert await count(postgresql, BILL_BATCH_LINE) == LINES
    for table in (PAYMENT_INTENT, PAYMENT_ATTEMPT, CONFIRMED_METHOD):
        assert await count(postgresql, table) == LINES - bad
    async with postgresql.read() as connection:
        named = select(func.count(func.distinct(BILL_BATCH_LINE.c.payment_intent_id)))
        assert await connection.scalar(named) == LINES - bad
    assert await said_types(postgresql) == ["bill_batch.completed.v1"]
