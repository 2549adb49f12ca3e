from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.transport import Transport
from chassis.worker import Schedule, Worker
from gateway.assembly.time_stamps import time_stamps
from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.ports.audit import Witness
from gateway.ports.upstream import Upstream
from gateway.providers.audit_gauges import PrometheusAuditGauges
from gateway.providers.http_upstream import HttpUpstream
from gateway.providers.probe import HeldProbe
from gateway.providers.shown_figures import show_figures
from gateway.providers.stamp_gauges import PrometheusStampGauges
from gateway.providers.witnesses import read_witnesses
from gateway.settings import GatewaySettings
from gateway.storage.readiness import is_ready
from gateway.storage.tables import OUTBOX
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.audit.keep_log import KeepingTools, keep_log
from gateway.use_cases.audit.sign_checkpoint import SigningTools
from gateway.use_cases.evidence.stamp_checkpoint import StampingTools, stamp_checkpoint
from gateway.use_cases.machines.expire_client_keys import expire_client_keys
from gateway.use_cases.maintenance.keep_windows import keep_windows
from gateway.use_cases.maintenance.watch_availability import watch_availability
from gateway.use_cases.sweep import sweep

SWEEP_EVERY_SECONDS: Final = 30
AUDIT_EVERY_SECONDS: Final = 1
WINDOWS_EVERY_SECONDS: Final = 5
STAMP_LOOK_EVERY_SECONDS: Final = 10
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
    opened = database or Database.open(settings.database_url, pool_size=4)

    reached = upstream or HttpUpstream(
        settings.upstream_origins, timeout_seconds=settings.upstream_timeout_seconds
    )
    probe = HeldProbe(
        reached, tuple(settings.upstream_origins), lambda: is_ready(opened), clock=clock
    )

    def new_uow() -> SqlUnitOfWork:
        return SqlUnitOfWork(opened, clock=clock, ids=used_ids)

    witnesses, close_witnesses = read_witnesses(settings.witnesses_file)
    keeping = _keeping(settings, witnesses, new_uow=new_uow, clock=clock)

    async def run_audit() -> None:
        await keep_log(keeping)

    async def run_sweep() -> None:
        await sweep(uow=new_uow(), at=clock.now())
        await expire_client_keys(uow=new_uow(), clock=clock, ids=used_ids)

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
            Schedule(name="audit", every_seconds=AUDIT_EVERY_SECONDS, run=run_audit),
            *_stamping(settings, new_uow=new_uow, clock=clock, ids=used_ids),
            Schedule(name="sweep", every_seconds=SWEEP_EVERY_SECONDS, run=run_sweep),
            Schedule(name="windows", every_seconds=WINDOWS_EVERY_SECONDS, run=run_windows),
            Schedule(name="watch", every_seconds=WATCH_EVERY_SECONDS, run=run_watch),
        ],
        closing=[reached.close, *close_witnesses, *show_figures(settings.worker_metrics_port)],
    )


def _stamping(
    settings: GatewaySettings, *, new_uow: Callable[[], SqlUnitOfWork], clock: Clock, ids: Ids
) -> list[Schedule]:
    """Nothing without an authority."""
    authority = time_stamps(settings, clock=clock, ids=ids)
    if authority is None:
        return []
    tools = StampingTools(
        time_stamps=authority,
        gauges=PrometheusStampGauges(),
        clock=clock,
        every=timedelta(seconds=settings.tsa_stamp_seconds),
    )

    async def run_stamp() -> None:
        await stamp_checkpoint(uow=new_uow(), tools=tools)

    return [Schedule(name="stamp", every_seconds=STAMP_LOOK_EVERY_SECONDS, run=run_stamp)]


def _keeping(
    settings: GatewaySettings,
    witnesses: Sequence[Witness],
    *,
    new_uow: Callable[[], SqlUnitOfWork],
    clock: Clock,
) -> KeepingTools:
    signing = SigningTools(
        signer=JwsCheckpointSigner.from_directory(settings.keys_dir / "gateway"),
        clock=clock,
        origin=settings.audit_origin,
        every=timedelta(seconds=settings.audit_checkpoint_seconds),
    )
    return KeepingTools(
        new_uow=new_uow, signing=signing, witnesses=witnesses, gauges=PrometheusAuditGauges()
    )
