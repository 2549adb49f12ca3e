"""A gateway with small limits, and people who come to it from addresses of their own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.db import Database
from tests.gateway.world import ORIGIN, World, make_world, settings_for

MakeWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def limited(tmp_path: Path, var_dir: Path, empty_file: Path) -> AsyncIterator[MakeWorld]:
    async with AsyncExitStack() as opened:

        async def make(**settings: Any) -> World:
            file = tmp_path / "gateway.sqlite"
            shutil.copy(empty_file, file)
            url = f"sqlite+aiosqlite:///{file}"
            database = Database.open(url)
            world = await make_world(settings_for(url, var_dir, **settings), database)
            opened.push_async_callback(database.close)
            opened.push_async_callback(world.http.aclose)
            return world

        yield make


def come_from(world: World, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(world.app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)
