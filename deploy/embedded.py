"""The whole platform in one process: every service on its own SQLite file, events in memory.

The same applications and workers as everywhere else; only what joins them differs.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
import uvloop
from fastapi import FastAPI

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.in_process import InProcessTransport
from chassis.logging import configure_logging
from chassis.migrations import upgrade_async
from chassis.worker import Worker
from deploy.commands.houses import HOUSES, SERVICES, migrations_of, package_of
from deploy.commands.serving import GRACE_SECONDS, GuardedProtocol
from deploy.development_keys import ensure_development_keys
from deploy.receipt_checker import checkers
from deploy.sandbox_authority.main import create_authority
from deploy.sandbox_bank.main import create_bank
from deploy.sandbox_bank.settings import BankSettings
from deploy.stack import BANK_PORT_OFFSET, CONTRACTS, HOST
from gateway.assembly.development_clients import register_development_clients
from gateway.providers.in_process_upstream import InProcessUpstream
from services.catalog.main import load_file

BANK_ELSEWHERE: Final = "PAYMENT_SANDBOX_BANK_URL"
# Browsers take passkeys on a name only, and not on an address.
NAME: Final = "localhost"
PUBLIC_ORIGIN: Final = "GATEWAY_PUBLIC_ORIGIN"
TIME_ELSEWHERE: Final = "GATEWAY_TSA_URL"
AUTHORITY_PORT: Final = "LEPHI_AUTHORITY_PORT"
AUTHORITY_PORT_OFFSET: Final = 11
# Production is content with every hour.
STAMP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whom the platform speaks with beyond itself."""

    bank_url: str | None = None
    tsa_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """All parts, put together and not yet running."""

    gateway: FastAPI
    services: Mapping[str, FastAPI]
    workers: Sequence[Worker[Any]]
    databases: Mapping[str, Database]
    settings: Mapping[str, Any]
    transport: InProcessTransport
    clock: Clock
    ids: Ids

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FastAPI]:
        """Databases up to date, fees published, clients registered, workers at work."""
        for house, settings in self.settings.items():
            await upgrade_async(settings.database_url, migrations_of(house))
        await load_file(
            self.settings["catalog"], database=self.databases["catalog"],
            clock=self.clock, ids=self.ids,
        )  # fmt: skip
        await register_development_clients(
            self.settings["gateway"], database=self.databases["gateway"],
            clock=self.clock, ids=self.ids,
        )  # fmt: skip
        stop = asyncio.Event()
        async with AsyncExitStack() as open_parts:
            for database in self.databases.values():
                open_parts.push_async_callback(database.close)
            for app in self.services.values():
                await open_parts.enter_async_context(app.router.lifespan_context(app))
            # Every worker subscribes in its first step, before any relay has its first turn: an
            # event that nobody has asked for yet would be gone.
            tasks = [asyncio.create_task(worker.run(stop)) for worker in self.workers]
            try:
                yield self.gateway
            finally:
                stop.set()
                await asyncio.gather(*tasks)
                await self.transport.close()


def create_embedded(
    *,
    var_dir: Path,
    public_origin: str,
    keys_dir: Path | None = None,
    outside: Outside | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Embedded:
    """Put the parts together. The environment may still set what is each house's own."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    if keys_dir is None:
        ensure_development_keys(var_dir, clock=clock)
    common_settings = {
        "broker_url": "memory://",
        "keys_dir": keys_dir or var_dir / "keys",
        "var_dir": var_dir,
        "public_origin": public_origin,
    }
    own_settings = _own_settings(outside or Outside(), var_dir)
    settings = {
        house: _settings_class(house)(
            database_url=f"sqlite+aiosqlite:///{var_dir / 'db' / house}.sqlite",
            **common_settings,
            **own_settings.get(house, {}),
        )
        for house in HOUSES
    }
    databases = {house: Database.open(told.database_url) for house, told in settings.items()}
    transport = InProcessTransport(dead_letters=var_dir / "dead-letters")
    common = {house: {"database": databases[house], "clock": clock, "ids": ids} for house in HOUSES}
    services = {
        name: _part(name, "main").create_app(
            settings[name], **common[name], **checkers(name, settings[name])
        )
        for name in SERVICES
    }
    # A worker that reads another service's documents does so through that service's own door.
    documents = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=services["receipt"]), base_url="http://receipt"
    )
    upstream = InProcessUpstream(services)
    own: dict[str, dict[str, Any]] = {
        "notification": {"receipt_documents_client": documents},
        "gateway": {"upstream": upstream},
    }
    workers = [
        _part(house, "worker").create_worker(
            settings[house], transport=transport, **common[house], **own.get(house, {})
        )
        for house in HOUSES
    ]
    gateway = _part("gateway", "main").create_app(
        settings["gateway"], upstream=upstream, **common["gateway"]
    )
    return Embedded(
        gateway=gateway,
        services=services,
        workers=workers,
        databases=databases,
        settings=settings,
        transport=transport,
        clock=clock,
        ids=ids,
    )


def serve_embedded(port: int, var_dir: Path) -> None:
    """Run until told to stop. Sandbox bank and authority come along unless they are elsewhere."""
    configure_logging(os.environ.get("LEPHI_LOG_LEVEL", "WARNING"))
    keys = os.environ.get("LEPHI_KEYS_DIR")
    uvloop.run(_serve(port, var_dir.absolute(), Path(keys).absolute() if keys else None))


async def _serve(port: int, var_dir: Path, keys_dir: Path | None) -> None:
    origin = os.environ.get(PUBLIC_ORIGIN, f"http://{NAME}:{port}")
    bank_elsewhere = os.environ.get(BANK_ELSEWHERE)
    bank_port = port + BANK_PORT_OFFSET
    bank_url = bank_elsewhere or f"http://{HOST}:{bank_port}"
    # A folder of production keys holds no authority's; then nothing is stamped.
    held = keys_dir is None or (keys_dir / "sandbox-authority").is_dir()
    authority_port = int(os.environ.get(AUTHORITY_PORT, port + AUTHORITY_PORT_OFFSET))
    plays_authority = TIME_ELSEWHERE not in os.environ and held
    tsa_url = f"http://{HOST}:{authority_port}/tsa" if plays_authority else ""
    embedded = create_embedded(
        var_dir=var_dir,
        public_origin=origin,
        keys_dir=keys_dir,
        outside=Outside(bank_url=bank_url, tsa_url=tsa_url),
    )
    async with embedded.running() as gateway:
        servers = [_server(gateway, port)]
        if bank_elsewhere is None:
            bank = create_bank(
                BankSettings(
                    gateway_url=origin,
                    key=(keys_dir or var_dir / "keys") / "clients" / "bank-sandbox.key.pem",
                    ledger=var_dir / "db" / "bank.sqlite",
                    keys_dir=keys_dir or var_dir / "keys",
                    own_url=bank_url,
                )
            )
            servers.append(_server(bank, bank_port))
        if plays_authority:
            authority = create_authority(keys_dir or var_dir / "keys", clock=embedded.clock)
            servers.append(_server(authority, authority_port))
        sys.stdout.write(f"gateway        {origin}   documentation {origin}/docs\n")
        sys.stdout.write(f"sandbox bank   {bank_url}\n")
        sys.stdout.flush()
        await _serve_until_told(servers)


class _Server(uvicorn.Server):
    """Two servers in one process: signals are ours to hand on, not each server's to take."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: FastAPI, port: int) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            host=HOST,
            port=port,
            http=GuardedProtocol,
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def _serve_until_told(servers: Sequence[_Server]) -> None:
    def end() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    serving = [asyncio.create_task(server.serve()) for server in servers]
    done, _ = await asyncio.wait(serving, return_when=asyncio.FIRST_COMPLETED)
    # One that could not listen must not leave the other one behind.
    end()
    await asyncio.wait(serving)
    for task in done:
        task.result()


def _own_settings(outside: Outside, var_dir: Path) -> dict[str, dict[str, Any]]:
    own: dict[str, dict[str, Any]] = {"gateway": {"openapi_dir": CONTRACTS / "openapi"}}
    if outside.tsa_url:
        own["gateway"] |= {"tsa_url": outside.tsa_url, "tsa_stamp_seconds": STAMP_SECONDS}
    if outside.bank_url is not None:
        own["payment"] = {"sandbox_bank_url": outside.bank_url}
    if "NOTIFICATION_ALLOW_PRIVATE_WEBHOOKS" not in os.environ:
        # A developer's portal listens on this machine.
        own["notification"] = {"allow_private_webhooks": True}
    if "RECEIPT_VAULT" not in os.environ:
        # Keys may be shared with another platform; what is signed is compared with one database.
        own["receipt"] = {"vault": (var_dir.absolute() / "vault").as_uri()}
    return own


def _settings_class(house: str) -> Any:
    return getattr(import_module(f"{package_of(house)}.settings"), f"{house.capitalize()}Settings")


def _part(house: str, room: str) -> Any:
    return import_module(f"{package_of(house)}.{room}")
