"""A process of its own that loads a file and reconciles its day, and says what that took.

python -m tests.payment.settlements.loading_process URL FILE FORMAT [reconcile]
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from deploy.settlement_desk import Brought, SettlementDesk
from services.payment.domain.settlements.file import FileFormat, SettlementFile
from services.payment.settings import PaymentSettings
from tests.payment.settlements.desk import DAY


async def main(url: str, path: Path, form: str, *what: str) -> dict[str, Any]:
    settings = PaymentSettings(database_url=url, keys_dir=path.parent)
    told: dict[str, Any] = {}
    async with SettlementDesk.open(settings) as desk:
        begun = time.monotonic()
        brought = Brought(provider="sandbox", path=path, form=FileFormat(form))
        loaded = await desk.load(brought, _say)
        told["load_seconds"] = round(time.monotonic() - begun, 2)
        told["rows"], told["bad_lines"] = loaded.file.rows, loaded.file.bad_lines
        if "reconcile" in what:
            begun = time.monotonic()
            run = await desk.reconcile("sandbox", DAY)
            told["reconcile_seconds"] = round(time.monotonic() - begun, 2)
            told["opened"], told["open"] = run.opened, run.still_open
    told["rss_mib"] = _peak_kib() // 1024
    return told


def _peak_kib() -> int:
    """Of this program alone: getrusage would still count whoever started it."""
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1])


def _say(file: SettlementFile) -> None:
    print(file.lines_read, file=sys.stderr, flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(json.dumps(asyncio.run(main(arguments[0], Path(arguments[1]), *arguments[2:]))))
