from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from gateway.ports.upstream import Upstream
from gateway.providers.http_upstream import HttpUpstream
from gateway.providers.probe import HeldProbe
from gateway.settings import GatewaySettings
from gateway.storage.readiness import is_ready
from gateway.storage.tables import OUTBOX
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.maintenance.keep_windows import keep_windows
from gateway.use_cases.maintenance.watch_availability import watch_availability
from gateway.use_cases.sweep import sweep

SWEEP_EVERY_SECONDS: Final = 30
WINDOWS_EVERY_SECONDS: Final = 5
WATCH_EVERY_SECONDS: Final = 10


def create_worker(
    settings: GatewaySettings,
    *,
    transport: Transport,
    upstream: Upstream | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[None]:
    """Says what was confirmed, closes what is overdue, keeps planned stops, watches the house."""
    clock = clock or SystemClock()
    used_ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=2)

    reached = upstream or HttpUpstream(
        settings.upstream_origins, timeout_seconds=settings.upstream_timeout_seconds
    )
    probe = HeldProbe(
        reached, tuple(settings.upstream_origins), lambda: is_ready(opened), clock=clock
    )

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=clock, ids=used_ids)

    async def run_sweep() -> None:
        await sweep(uow=new_uow(), at=clock.now())

    async def run_windows() -> None:
        await keep_windows(uow=new_uow(), clock=clock)

    async def run_watch() -> None:
        await watch_availability(probe=probe, uow=new_uow(), clock=clock)

    return Worker(
        service="gateway",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        schedules=[
            Schedule(name="sweep", every_seconds=SWEEP_EVERY_SECONDS, run=run_sweep),
            Schedule(name="windows", every_seconds=WINDOWS_EVERY_SECONDS, run=run_windows),
            Schedule(name="watch", every_seconds=WATCH_EVERY_SECONDS, run=run_watch),
        ],
        closing=[reached.close],
    )
