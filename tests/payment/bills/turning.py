"""The worker's turns at bills as a process of its own, for a test that kills it: URL, keys."""

import asyncio
import sys
from pathlib import Path

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.payment.storage.unit_of_work import SqlReading, SqlUnitOfWork
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.work_on_batches import work_on_batches
from tests.payment.samples import NOON


async def main(url: str, keys: Path) -> None:
    database, clock, ids = Database.open(url, pool_size=2), FrozenClock(NOON), SystemIds()
    seals = Sealer.from_directory(keys)
    desk = BillDesk(seals=seals, clock=clock, ids=ids, provider="sandbox")
    while await work_on_batches(
        uow=SqlUnitOfWork(database, clock=clock, ids=ids),
        open_reading=lambda: SqlReading(database),
        desk=desk,
    ):
        continue
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
