"""The parts put together: development clients, the worker, readiness."""

import asyncio
import json
from datetime import timedelta

import httpx
from sqlalchemy import func, select

from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.transport import Delivery
from gateway.assembly.development_clients import register_development_clients
from gateway.main import create_app
from gateway.settings import GatewaySettings
from gateway.storage.confirming.tables import CONFIRMATION
from gateway.storage.machines.tables import CLIENT, CLIENT_KEY
from gateway.storage.tables import OUTBOX
from gateway.worker import create_worker
from tests.gateway.payer import make_payer, play_payment
from tests.gateway.world import ORIGIN, FakeUpstream, World


async def test_development_clients_are_let_in_once_however_often(
    settings: GatewaySettings, database: Database
) -> None:
    for _ in range(2):
        await register_development_clients(settings)

    async with database.read() as connection:
        clients = (await connection.execute(select(CLIENT).order_by(CLIENT.c.id))).all()
        keys = await connection.scalar(select(func.count()).select_from(CLIENT_KEY))
    assert [(one.id, one.client_class, one.provider) for one in clients] == [
        ("bank-echeque", "bank", "echeque"),
        ("bank-sandbox", "bank", "sandbox"),
        ("portal-demo", "portal", None),
    ]
    assert keys == 3


async def test_the_worker_says_what_was_confirmed_and_closes_what_is_overdue(
    world: World,
) -> None:
    heard: list[str] = []
    transport = InProcessTransport()

    async def hear(delivery: Delivery) -> None:
        heard.append(json.loads(delivery.body)["type"])

    await transport.subscribe("payment", ["payment_intent.confirmed.v1"], hear)
    play_payment(world)
    left_open = await make_payer(world, "binh.tran")
    await left_open.open_confirmation()
    payer = await make_payer(world)
    await payer.prove(await payer.open_confirmation())
    world.clock.advance(timedelta(minutes=10))

    stop = asyncio.Event()
    worker = create_worker(
        world.settings, transport=transport, database=world.database, clock=world.clock
    )
    running = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(10):
        while await _statuses(world) != {"confirmed", "expired"} or await _waiting(world):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stop.set()
    await running
    await transport.close()

    assert heard == ["payment_intent.confirmed.v1"]


async def test_ready_means_that_the_store_can_be_written_down_in(
    settings: GatewaySettings, world: World
) -> None:
    missing = settings.model_copy(update={"database_url": "sqlite+aiosqlite://"})
    empty = Database.open(missing.database_url)
    other = create_app(missing, upstream=FakeUpstream(), database=empty)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(other), base_url=ORIGIN) as http:
        assert (await world.http.get("/health/ready")).status_code == 200
        assert (await http.get("/health/ready")).status_code == 503
        assert (await http.get("/health/live")).status_code == 200
    await empty.close()


async def _waiting(world: World) -> int:
    async with world.database.read() as connection:
        return int(await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)


async def _statuses(world: World) -> set[str]:
    async with world.database.read() as connection:
        return set((await connection.scalars(select(CONFIRMATION.c.status))).all())
