import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from chassis.canonical import load_json
from deploy.audit_database import judge_rows, one_moment
from deploy.verifier.audit_files import held_by
from deploy.verifier.audit_log import AuditJudge, AuditKeys
from gateway.storage.audit.tables import AUDIT_LEAF, AUDIT_PENDING
from tests.gateway.audit.rig import Rig
from tests.waiting import until

ROOT = Path(__file__).parents[3]
KILLS = 4
RECORDS = 200


def start(rig: Rig, var_dir: Path, folder: Path) -> "subprocess.Popen[bytes]":
    url = rig.database.engine.url.render_as_string(hide_password=False)
    keys = str(var_dir / "keys" / "gateway")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.audit.sequencer", url, keys, str(folder)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )


async def count(rig: Rig, table: object) -> int:
    async with rig.database.read() as connection:
        found = await connection.scalar(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return int(found or 0)


@pytest.mark.integration
async def test_a_sequencer_killed_at_any_point_loses_nothing_and_doubles_nothing(
    rig: Rig, var_dir: Path, tmp_path: Path
) -> None:
    chance = random.Random(9)
    folder = tmp_path / "finance"
    await rig.add(RECORDS)

    for _ in range(KILLS):
        before = await count(rig, AUDIT_LEAF)
        # Two at once: the database lets one of them work.
        running = [start(rig, var_dir, folder) for _ in range(2)]
        for _ in range(200):
            if await count(rig, AUDIT_LEAF) > before or await count(rig, AUDIT_PENDING) == 0:
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(chance.uniform(0, 0.05))
        for process in running:
            assert process.poll() is None
            process.kill()
            process.communicate()

    last = start(rig, var_dir, folder)

    async def pending() -> int:
        return await count(rig, AUDIT_PENDING)

    await until(pending, is_now=0, seconds_max=60)
    await rig.keep()
    last.kill()
    last.communicate()
    keys = AuditKeys.of(load_json((var_dir / "trust" / "anchors.json").read_bytes()))
    async with one_moment(rig.database) as connection:
        verdict = await judge_rows(connection, AuditJudge(keys, held_by([folder])))
    assert verdict.valid, verdict
    assert await count(rig, AUDIT_LEAF) == RECORDS
