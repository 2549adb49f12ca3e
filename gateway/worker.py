from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from gateway.settings import GatewaySettings
from gateway.storage.tables import OUTBOX
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.sweep import sweep

SWEEP_EVERY_SECONDS: Final = 30


def create_worker(
    settings: GatewaySettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[None]:
    """Says what was confirmed, closes what is overdue, forgets what no longer matters."""
    clock = clock or SystemClock()
    used_ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=2)

    async def run_sweep() -> None:
        uow = SqlUnitOfWork(opened, clock=clock, ids=used_ids)
        await sweep(uow=uow, at=clock.now())

    return Worker(
        service="gateway",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        schedules=[Schedule(name="sweep", every_seconds=SWEEP_EVERY_SECONDS, run=run_sweep)],
    )
