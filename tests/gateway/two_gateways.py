"""Two gateways as real processes on one PostgreSQL, with one played service behind both.

    async def test_…(two_gateways: TwoGateways) -> None:
        answer = await two_gateways.http.post(two_gateways.urls[0] + "/v1/dossiers", …)

`signer(client_id)` signs for `two_gateways.origin`, which both take for their public name.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from aiohttp import web

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.message_signatures import RequestSigner
from chassis.migrations import upgrade_async
from deploy import processes
from deploy.demo.platform import free_ports
from gateway.assembly.development_clients import register_development_clients
from gateway.settings import GatewaySettings
from tests.gateway.world import settings_for, signer_of

MIGRATIONS: Final = Path(__file__).parents[2] / "gateway" / "migrations"
START_SECONDS_MAX: Final = 30.0
GRACE_SECONDS: Final = 10.0
SERVICES: Final = ("catalog", "dossier", "payment", "receipt", "notification")


@dataclass
class PlayedService:
    """Answers every call with 200 and remembers it: one entry is one effect."""

    url: str = ""
    calls: list[tuple[str, str, str | None, bytes]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)

    async def serve(self, request: web.Request) -> web.Response:
        key = request.headers.get("idempotency-key")
        self.calls.append((request.method, request.raw_path, key, await request.read()))
        return web.Response(body=json.dumps(self.answer), content_type="application/json")


@dataclass(frozen=True)
class TwoGateways:
    urls: tuple[str, str]
    origin: str
    settings: GatewaySettings
    database: Database
    service: PlayedService
    http: httpx.AsyncClient

    def signer(self, client_id: str) -> RequestSigner:
        return signer_of(self.settings, client_id, clock=SystemClock())


@contextlib.asynccontextmanager
async def running_gateways(
    postgresql_url: str, var_dir: Path, log_dir: Path
) -> AsyncIterator[TwoGateways]:
    """Migrate, register the development clients, start, wait until both answer; end both."""
    await upgrade_async(postgresql_url, MIGRATIONS)
    service = PlayedService()
    left, right, behind = free_ports(3)
    origin = f"http://127.0.0.1:{left}"
    settings = settings_for(postgresql_url, var_dir, public_origin=origin)
    database = Database.open(postgresql_url)
    started: list[processes.Started] = []
    async with _played(service, behind), httpx.AsyncClient(timeout=20) as http:
        try:
            await register_development_clients(settings, database=database)
            urls = (origin, f"http://127.0.0.1:{right}")
            started += [_start(url, settings, service, log_dir) for url in urls]
            await asyncio.gather(*(_until_up(http, url, log_dir) for url in urls))
            yield TwoGateways(urls, origin, settings, database, service, http)
        finally:
            await asyncio.to_thread(processes.stop, started, grace_seconds=GRACE_SECONDS)
            await database.close()


@contextlib.asynccontextmanager
async def _played(service: PlayedService, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    service.url = f"http://127.0.0.1:{port}"
    try:
        yield
    finally:
        await runner.cleanup()


def _start(
    url: str, settings: GatewaySettings, service: PlayedService, log_dir: Path
) -> processes.Started:
    port = url.rpartition(":")[2]
    told = {
        "GATEWAY_DATABASE_URL": settings.database_url,
        "GATEWAY_KEYS_DIR": str(settings.keys_dir),
        "GATEWAY_VAR_DIR": str(settings.var_dir),
        "GATEWAY_PUBLIC_ORIGIN": settings.public_origin,
        **{f"GATEWAY_{name.upper()}_URL": service.url for name in SERVICES},
    }
    inherited = {name: value for name, value in os.environ.items() if name[:8] != "GATEWAY_"}
    program = processes.Program(
        name=f"gateway-{port}",
        command=(sys.executable, "-m", "deploy", "serve", "gateway", "--port", port),
        log=_log_of(url, log_dir),
        environment=inherited | told,
        folder=Path(__file__).parents[2],
    )
    return processes.start(program)


async def _until_up(http: httpx.AsyncClient, url: str, log_dir: Path) -> None:
    try:
        async with asyncio.timeout(START_SECONDS_MAX):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(url + "/health/ready")).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.1)
    except TimeoutError:
        log = processes.tail(_log_of(url, log_dir))
        raise AssertionError(f"{url} did not come up:\n{log}") from None


def _log_of(url: str, log_dir: Path) -> Path:
    return log_dir / f"gateway-{url.rpartition(':')[2]}.log"
