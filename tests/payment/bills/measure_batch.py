"""How long a file of 100 000 bills takes on PostgreSQL, and how much memory, API and worker in one
process. Not of the suite: `pytest -s tests/payment/bills/measure_batch.py`."""

import resource
import sys
from pathlib import Path
from time import perf_counter

from chassis.db import Database
from tests.payment.bills.conftest import BATCHES, csv_file, open_billers, row

LINES = 100_000


class Watch:
    def __init__(self) -> None:
        self._since = perf_counter()

    def say(self, what: str) -> None:
        now = perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(f"{what}: {now - self._since:.1f} s; peak {peak:.0f} MB\n")
        self._since = now


async def test_a_hundred_thousand_bills(postgresql: Database, keys_dir: Path) -> None:
    # Without lists of lists, which would be the peak.
    lines = (",".join(row(f"HP-{number:06}", amount="5000")).encode() for number in range(LINES))
    raw = csv_file() + b"\n".join(lines)
    async with open_billers(postgresql, keys_dir) as billers:
        watch = Watch()
        watch.say(f"\n{LINES} lines, {len(raw) / 1e6:.1f} MB")
        sent = (await billers.send_file(raw)).json()
        watch.say("taken")
        await billers.turn()
        watch.say("read")
        await billers.work()
        watch.say("opened")
        results = await billers.get(f"{BATCHES}/{sent['id']}/results.csv")
        watch.say(f"results of {len(results.content) / 1e6:.1f} MB")
        batch = (await billers.get(f"{BATCHES}/{sent['id']}")).json()

    assert (batch["status"], batch["opened"]) == ("completed", LINES)
