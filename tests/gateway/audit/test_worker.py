"""The gateway's worker keeps the log, and shows its figures where it is told to."""

import asyncio

import httpx

from chassis.in_process import InProcessTransport
from deploy.demo.platform import free_ports
from gateway.worker import create_worker
from tests.gateway.audit.rig import Rig, entry
from tests.gateway.world import FakeUpstream, World
from tests.waiting import until


async def test_the_worker_keeps_the_log_and_shows_its_figures(world: World) -> None:
    (port,) = free_ports(1)
    settings = world.settings.model_copy(update={"worker_metrics_port": port})
    worker = create_worker(
        settings,
        transport=InProcessTransport(),
        upstream=FakeUpstream(),
        database=world.database,
        clock=world.clock,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    rig = Rig(world.database, None, world.clock)  # type: ignore[arg-type]
    await rig.add(3, of=entry)

    async def signed() -> bool:
        return (await world.http.get("/v1/audit/checkpoint")).status_code == 200

    await until(signed, is_now=True, seconds_max=20)
    async with httpx.AsyncClient(trust_env=False) as http:
        figures = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    stop.set()
    await running

    assert "lephi_audit_pending_records" in figures
    assert "lephi_audit_alarms_total" in figures
