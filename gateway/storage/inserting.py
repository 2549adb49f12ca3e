"""Insert unless the key is taken, in one statement, on either database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_once(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """False when a row with this key is there; waits for whoever is just inserting it."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    done = await connection.execute(insert(table).on_conflict_do_nothing(), dict(row))
    return done.rowcount == 1
