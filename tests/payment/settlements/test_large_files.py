"""Files of a size that a day really has: bounded memory, bounded time, and no half of one."""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from chassis.migrations import upgrade_async
from tests.payment.conftest import MIGRATIONS
from tests.payment.settlements.desk import COLUMNS, Desk, row_of

# A day of 100,000 lines takes a minute here; a tenth of it shows the same. See the README.
LINES = int(os.environ.get("LEPHI_SETTLEMENT_LINES", "10000"))
RSS_MIB_MAX = 200
SECONDS_MAX = 60


def command(url: str, path: Path, *what: str) -> list[str]:
    module = "tests.payment.settlements.loading_process"
    return [sys.executable, "-m", module, url, str(path), *what]


async def finished(url: str, path: Path, *what: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *command(url, path, *what),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(out)
    return told


def line_of(reference: str, **changes: Any) -> str:
    row = row_of(reference, **changes)
    return ",".join(str(row[name]) for name in COLUMNS)


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join((",".join(COLUMNS), *lines)) + "\n", "utf-8")


async def test_a_hundred_thousand_lines_are_loaded_and_reconciled_in_time_and_memory(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    references = await desk.have_paid(LINES)
    planted = LINES // 100
    lines = [line_of(one) for one in references[planted:]]
    lines[:planted] = [line_of(one, amount=149_000) for one in references[planted : 2 * planted]]
    lines += [line_of(f"EXTRA{number}") for number in range(planted)]
    lines += lines[-2 * planted : -planted]
    random.Random(11).shuffle(lines)
    write_lines(tmp_path / "day.csv", lines)

    told = await finished(database_url, tmp_path / "day.csv", "csv", "reconcile")

    print(told)
    assert told["rows"] == LINES + planted
    assert await desk.found() == {
        "missing_at_provider": planted,
        "amount_differs": planted,
        "missing_here": planted,
        "duplicate_row": planted,
    }
    assert told["rss_mib"] < RSS_MIB_MAX
    assert told["load_seconds"] + told["reconcile_seconds"] < SECONDS_MAX


async def test_a_file_of_a_hundred_megabytes_is_read_in_bounded_memory(
    postgresql_url: str, tmp_path: Path
) -> None:
    await upgrade_async(postgresql_url, MIGRATIONS)
    path = tmp_path / "large.csv"
    memo = "x" * 6_000
    with path.open("w", encoding="utf-8") as file:
        file.write("provider_reference,amount,moved_at,memo\n")
        for number in range(16_900):
            file.write(f"FT{number},150000,2026-11-23T12:00:00+07:00,{memo}\n")
            if number % 50 == 0:
                # A line without an end is cut and kept as a bad one.
                file.write("y" * 9_000 + "\n")
    assert path.stat().st_size > 100 * 1024 * 1024

    told = await finished(postgresql_url, path, "csv")

    print(told)
    assert (told["rows"], told["bad_lines"]) == (16_900, 338)
    assert told["rss_mib"] < RSS_MIB_MAX


async def test_a_load_that_is_killed_goes_on_to_the_same_result(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    references = await desk.have_paid(12_000)
    path = tmp_path / "day.csv"
    write_lines(path, [line_of(one) for one in references[10:]] + ["nonsense"])
    process = await asyncio.create_subprocess_exec(
        *command(database_url, path, "csv"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    assert await process.stderr.readline()
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL

    await desk.reconcile()
    assert await desk.found() == {}, "half a file says nothing"
    assert set(await desk.row_states()) == {"new"}

    told = await finished(database_url, path, "csv", "reconcile")

    assert (told["rows"], told["bad_lines"]) == (11_990, 1)
    assert await desk.found() == {"missing_at_provider": 10}
    assert await desk.row_states() == {"matched": 11_990}
