"""Copies what waits in a database to a vault, and is killed once the first copy is there."""

import asyncio
import os
import signal
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from services.receipt.providers.vaults.files import FileVault
from services.receipt.storage.keeping.keeping import SqlKeeping
from services.receipt.use_cases.keeping.keep_documents import keep_documents
from services.receipt.use_cases.keeping.tools import KeepTools


class LastPut(FileVault):
    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        await super().put(sha256, body, keep_until=keep_until)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


async def main(url: str, root: str, now: str) -> None:
    database = Database.open(url)
    clock = FrozenClock(datetime.fromisoformat(now))
    tools = KeepTools(
        open_keeping=lambda: SqlKeeping(database),
        vault=LastPut(Path(root)),
        clock=clock,
        ids=SystemIds(clock),
        check_within=timedelta(days=30),
    )
    await keep_documents(tools=tools)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
