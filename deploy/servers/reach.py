"""Ask a server whether it will serve us: by logging in, not by looking at an open port."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import aiormq
import asyncpg
from aiormq.exceptions import AMQPError
from sqlalchemy.engine import make_url

POSTGRES_OLDEST: Final = 150_000
ANSWER_SECONDS_MAX: Final = 3.0

Result = TypeVar("Result")


def apart(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run to its end in an event loop of its own, whether or not the caller is inside one."""

    async def body() -> Result:
        return await work()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, body()).result()


async def execute(url: str, *statements: str) -> None:
    """Run statements one by one, outside any transaction: CREATE DATABASE allows none."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def connect(url: str) -> asyncpg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return await asyncpg.connect(plain, timeout=ANSWER_SECONDS_MAX, ssl=False)


def why_no_postgres(url: str) -> str | None:
    """None when we may create databases and roles there; else the reason in one line."""

    async def look() -> str | None:
        connection = await connect(url)
        try:
            version = int(await connection.fetchval("SHOW server_version_num"))
            may = await connection.fetchval(
                "SELECT rolsuper OR (rolcreatedb AND rolcreaterole)"
                " FROM pg_roles WHERE rolname = current_user"
            )
        finally:
            await connection.close()
        if version < POSTGRES_OLDEST:
            return f"it is version {version // 10_000}; version 15 or later is needed"
        return None if may else "its user may not create databases and roles"

    try:
        return apart(look)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return _in_one_line(error)


def why_no_rabbitmq(url: str) -> str | None:
    """None when we may log in there; else the reason in one line."""

    async def look() -> None:
        connection = await asyncio.wait_for(aiormq.connect(url), ANSWER_SECONDS_MAX)
        await connection.close()

    address = make_url(url)
    try:
        # The library complains on stderr when nobody listens; asking first keeps it quiet.
        with socket.create_connection((address.host, address.port or 5672), ANSWER_SECONDS_MAX):
            pass
        apart(look)
    except (OSError, TimeoutError, AMQPError) as error:
        return _in_one_line(error)
    return None


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
