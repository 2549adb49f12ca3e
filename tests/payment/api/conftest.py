from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from chassis.auth import Caller, TokenMinter
from chassis.db import Database
from services.payment.main import create_app
from services.payment.settings import PaymentSettings
from tests.payment.samples import notice_bytes
from tests.payment.world import SqlWorld

NO_HEADERS: Mapping[str, str] = {}


class Door:
    """Asks as the gateway does: each request with a token minted for it alone."""

    def __init__(self, http: httpx.AsyncClient, minter: TokenMinter) -> None:
        self._http = http
        self._minter = minter

    async def get(self, path: str, caller: Caller, **query: Any) -> httpx.Response:
        return await self._send("GET", f"{path}?{urlencode(query)}" if query else path, caller)

    async def post(
        self, path: str, caller: Caller, body: Any, *, key: str | None = None
    ) -> httpx.Response:
        raw = body if isinstance(body, bytes) else notice_bytes(body)
        extra = {} if key is None else {"idempotency-key": key}
        return await self._send("POST", path, caller, raw, extra)

    async def _send(
        self,
        method: str,
        target: str,
        caller: Caller,
        body: bytes = b"",
        extra: Mapping[str, str] = NO_HEADERS,
    ) -> httpx.Response:
        token = self._minter.mint(
            audience="payment", method=method, target=target, body=body, caller=caller
        )
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        headers |= extra
        return await self._http.request(method, target, content=body, headers=headers)


@pytest.fixture
async def world(database: Database) -> SqlWorld:
    return SqlWorld(database)


@pytest.fixture
async def door(world: SqlWorld, keys_dir: Path) -> AsyncIterator[Door]:
    async with OpenDoor(world, keys_dir) as door:
        yield door


class OpenDoor:
    """The API over a world, as an open door."""

    def __init__(self, world: SqlWorld, keys_dir: Path) -> None:
        settings = PaymentSettings(database_url="unused", keys_dir=keys_dir)
        app = create_app(settings, database=world.database, clock=world.clock, ids=world.ids)
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://payment"
        )
        self._minter = TokenMinter.from_directory(
            "gateway", keys_dir / "internal", clock=world.clock, ids=world.ids
        )

    async def __aenter__(self) -> Door:
        return Door(self._http, self._minter)

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
