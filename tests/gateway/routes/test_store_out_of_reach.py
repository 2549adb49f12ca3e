"""When what must be written down cannot be, nothing with a fee goes on; and it heals by itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.migrations import upgrade_async
from chassis.testing import FrozenClock
from gateway.main import create_app
from tests.gateway.conftest import MIGRATIONS
from tests.gateway.world import ORIGIN, FakeUpstream, World, make_world, settings_for


@pytest.fixture
async def on_postgresql(postgresql_url: str, var_dir: Path) -> AsyncIterator[World]:
    await upgrade_async(postgresql_url, MIGRATIONS)
    database = Database.open(postgresql_url, pool_size=2)
    world = await make_world(settings_for(postgresql_url, var_dir), database)
    yield world
    await world.http.aclose()
    await database.close()


@pytest.mark.integration
async def test_connections_that_were_cut_cost_a_503_at_most_and_never_an_effect(
    on_postgresql: World,
) -> None:
    world = on_postgresql
    assert (await world.send(world.dossier())).status_code == 200

    other = Database.open(world.settings.database_url, pool_size=1)
    async with other.begin() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await other.close()
    statuses = [(await world.send(world.dossier())).status_code for _ in range(4)]

    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200
    assert len(world.upstream.requests) == 1 + statuses.count(200)


async def test_without_a_database_fees_are_refused_and_look_ups_go_on(
    quick_world: World, var_dir: Path
) -> None:
    settings = settings_for("postgresql+asyncpg://postgres@127.0.0.1:1/nowhere", var_dir)
    upstream = FakeUpstream()
    app = create_app(settings, upstream=upstream, clock=quick_world.clock, ids=SystemIds())
    assert isinstance(quick_world.clock, FrozenClock)
    signed = [
        quick_world.dossier(),
        quick_world.notification(),
        quick_world.read("/v1/dossiers"),
    ]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as http:
        refused = [
            await http.request(one.method, one.target, content=one.body, headers=one.headers)
            for one in signed
        ]
        session = await http.post(
            "/v1/sessions",
            json={"username": "an.nguyen", "password": "password", "totp": "123456"},
        )
        public = await http.get("/v1/agencies")

    for answer in (*refused, session):
        assert (answer.status_code, answer.json()["code"]) == (503, "evidence_store_unavailable")
        assert "retry-after" in answer.headers
    assert public.status_code == 200
    assert [request.service for request in upstream.requests] == ["catalog"]
