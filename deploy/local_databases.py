"""A role and a database for every service, on one PostgreSQL server."""

from typing import Final

import asyncpg

from chassis.migrations import upgrade_async
from deploy.commands.houses import HOUSES, migrations_of
from deploy.servers.reach import apart, connect
from deploy.stack import Stack

LOCK: Final = 0x1E_F1


def make(stack: Stack) -> None:
    """Roles, databases and their tables; those that exist stay, and get this run's password."""
    apart(lambda: _make(stack))


def drop(postgres_url: str, prefix: str) -> None:
    """Databases and roles of a prefix, with everything in them."""
    apart(lambda: _drop(postgres_url, prefix))


async def _make(stack: Stack) -> None:
    connection = await connect(stack.postgres_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        for house in HOUSES:
            await _make_one(connection, stack.role(house), stack.passwords[house])
    finally:
        await connection.close()
    for house in HOUSES:
        await upgrade_async(stack.database_url(house), migrations_of(house))


async def _make_one(connection: asyncpg.Connection, name: str, password: str) -> None:
    # Names come from a checked prefix and our own table; no statement here takes parameters.
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if known else "CREATE"
    await connection.execute(f"{verb} ROLE \"{name}\" LOGIN PASSWORD '{password}'")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
        # One service never looks into another's database, not even by mistake.
        await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')


async def _drop(postgres_url: str, prefix: str) -> None:
    connection = await connect(postgres_url)
    try:
        for house in HOUSES:
            await connection.execute(f'DROP DATABASE IF EXISTS "{prefix}_{house}" WITH (FORCE)')
            await connection.execute(f'DROP ROLE IF EXISTS "{prefix}_{house}"')
    finally:
        await connection.close()
