"""The promise of the house under fire: writers and the database itself are killed with SIGKILL.

`RECEIPT_CAMPAIGN=100000 python -m pytest tests/receipt/campaign/test_kills.py` is the long run.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg
import pytest

import services.receipt
from chassis.migrations import upgrade_async
from deploy.processes import recall
from deploy.servers import private_postgres
from tests.receipt.campaign.writers import AGENCIES, agency_of, payment_id

pytestmark = [pytest.mark.integration]
ROOT: Final = Path(__file__).parents[3]
MIGRATIONS: Final = Path(services.receipt.__file__).parent / "migrations"
RECEIPTS: Final = int(os.environ.get("RECEIPT_CAMPAIGN", "2000"))
PROCESSES: Final = 2
WRITERS: Final = 50
# One kill a so-manieth of the receipts; every fourth is the database's.
KILLS: Final = max(4, RECEIPTS // 5_000)
LOOK_SECONDS: Final = 0.05
SECONDS_MAX: Final = 60 + RECEIPTS / 20
RECEIPTS_WITH_ORIGINALS: Final = """
    SELECT r.agency_code, r.number, r.numbered_at, r.status, r.payment_intent_id,
        d.sha256 = r.xml_sha256 AS fits
    FROM receipt r LEFT JOIN receipt_document d ON d.receipt_id = r.id AND d.form = 'xml'
    ORDER BY r.agency_code, r.number
"""


@dataclass
class Field:
    """A private database, and writers that are started again until all is done."""

    folder: Path
    keys: Path
    url: str
    running: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    killed_writers: int = 0
    killed_databases: int = 0

    @property
    def plain_url(self) -> str:
        return self.url.replace("postgresql+asyncpg://", "postgresql://")

    async def start(self, share: int) -> None:
        size = RECEIPTS // PROCESSES
        numbers = (share * size, size, WRITERS // PROCESSES)
        self.running[share] = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.receipt.campaign.writers", self.url, str(self.keys)),
            *map(str, numbers),
            cwd=ROOT,
        )

    async def tend(self) -> bool:
        """Start again what died; True while there is work left."""
        for share, process in list(self.running.items()):
            if process.returncode == 0:
                del self.running[share]
            elif process.returncode is not None:
                await self.start(share)
        return bool(self.running)

    def kill_writer(self, chance: random.Random) -> None:
        process = chance.choice(list(self.running.values()))
        if process.returncode is None:
            process.kill()
            self.killed_writers += 1

    async def kill_database(self) -> None:
        (postmaster,), _facts = recall(self.folder / private_postgres.RECORD)
        os.kill(postmaster.pid, signal.SIGKILL)
        self.killed_databases += 1
        # It is a child of ours: until it is waited for, its lock looks like that of a living one.
        with contextlib.suppress(ChildProcessError):
            await asyncio.to_thread(os.waitpid, postmaster.pid, 0)
        for process in self.running.values():
            await process.wait()
        self.url = await asyncio.to_thread(private_postgres.start, self.folder)

    async def count(self) -> int:
        connection = await asyncpg.connect(self.plain_url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM receipt"))
        finally:
            await connection.close()


@pytest.fixture
def private_database(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "servers"
    folder.mkdir()
    yield private_postgres.start(folder)
    private_postgres.stop(folder)


async def test_no_kill_leaves_a_gap_a_repeat_or_a_receipt_without_its_fee(
    private_database: str, keys_dir: Path, tmp_path: Path
) -> None:
    await upgrade_async(private_database, MIGRATIONS)
    ground = Field(folder=tmp_path / "servers", keys=keys_dir, url=private_database)
    chance = random.Random(5)
    for share in range(PROCESSES):
        await ground.start(share)
    await asyncio.wait_for(_fight(ground, chance), SECONDS_MAX)

    print(
        f"{RECEIPTS:,} receipts; killed {ground.killed_writers} writers,"
        f" {ground.killed_databases} databases"
    )
    await _require_whole(ground)


async def _fight(ground: Field, chance: random.Random) -> None:
    kills = [round((turn + 0.5) * RECEIPTS / KILLS) for turn in range(KILLS)]
    while await ground.tend():
        await asyncio.sleep(LOOK_SECONDS)
        if kills and await ground.count() >= kills[0]:
            kills.pop(0)
            if (len(kills) + 1) % 4 == 0:
                await ground.kill_database()
            else:
                ground.kill_writer(chance)


async def _require_whole(ground: Field) -> None:
    assert ground.killed_writers
    assert ground.killed_databases
    connection = await asyncpg.connect(ground.plain_url)
    try:
        rows = await connection.fetch(RECEIPTS_WITH_ORIGINALS)
        fees = await connection.fetch("SELECT payment_intent_id FROM paid_fee")
        said = await connection.fetchval("SELECT count(*) FROM outbox")
    finally:
        await connection.close()
    for agency in AGENCIES:
        mine = [row for row in rows if row["agency_code"] == agency]
        assert [row["number"] for row in mine] == list(range(1, len(mine) + 1))
        dates = [row["numbered_at"] for row in mine]
        assert dates == sorted(dates)
    wanted = {payment_id(number): agency_of(number) for number in range(RECEIPTS)}
    assert len(rows) == RECEIPTS
    assert {row["payment_intent_id"]: row["agency_code"] for row in rows} == wanted
    assert {row["payment_intent_id"] for row in fees} == set(wanted)
    assert all(row["status"] == "issued" and row["fits"] for row in rows)
    assert said == RECEIPTS
