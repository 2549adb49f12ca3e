"""One provider's day of 100,000 lines: loaded and reconciled by the commands that operators use."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from subprocess import DEVNULL, Popen
from typing import Final

from deploy.bench.stored import PROVIDER, Stored
from deploy.stack import Stack

LINES: Final = 100_000
HEADER: Final = "provider_reference,bill_reference,amount,currency,status,moved_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFigures:
    load_seconds: float
    reconcile_seconds: float
    peak_megabytes: float

    @property
    def seconds(self) -> float:
        return self.load_seconds + self.reconcile_seconds


async def measure(stack: Stack, stored: Stored, day: date) -> SettlementFigures:
    """The day's fees are in the books already, and every line of the file is of one of them."""
    path = stack.var_dir / f"settlement-{day}.csv"
    rows = await stored.lines_of(day)
    path.write_text(
        "\n".join(
            [
                HEADER,
                *(
                    f"{row['provider_reference']},{row['bill_reference']},"
                    f"{row['amount_minor_units']},VND,succeeded,{row['paid_at'].isoformat()}"
                    for row in rows
                ),
            ]
        )
    )
    words = ["settlement", "load", PROVIDER, str(path), "--format", "csv"]
    try:
        loaded = await asyncio.to_thread(_run, stack, words)
    finally:
        path.unlink()
    words = ["settlement", "reconcile", PROVIDER, day.isoformat()]
    reconciled = await asyncio.to_thread(_run, stack, words)
    await _require_agreed(stored, day)
    return SettlementFigures(
        load_seconds=loaded[0],
        reconcile_seconds=reconciled[0],
        peak_megabytes=max(loaded[1], reconciled[1]),
    )


async def _require_agreed(stored: Stored, day: date) -> None:
    agreed = await stored.connection.fetchval(
        "SELECT count(*) FROM settlement_row"
        " WHERE provider = $1 AND moved_on = $2 AND state = 'matched' AND matched_by = 'reference'",
        PROVIDER,
        day,
    )
    differing = await stored.connection.fetchval("SELECT count(*) FROM settlement_difference")
    if agreed != LINES or differing:
        raise RuntimeError(f"{agreed} of {LINES} lines agree, with {differing} differences")


def _run(stack: Stack, words: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one `lephi` command."""
    began = time.monotonic()
    environment: Mapping[str, str] = stack.environment_of("payment")
    started = Popen(
        [sys.executable, "-m", "deploy", *words], env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    _pid, status, used = os.wait4(started.pid, 0)
    # Waited for here, so that Popen must not wait for it again.
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode != 0:
        raise RuntimeError(f"lephi {' '.join(words)} ended with {started.returncode}")
    return time.monotonic() - began, used.ru_maxrss / 1024
