"""Inserts that give way to what is there, spelled for the database in use."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_into(connection: AsyncConnection, table: Table) -> PostgresqlInsert | SqliteInsert:
    if connection.dialect.name == "postgresql":
        return postgresql_insert(table)
    return sqlite_insert(table)


async def insert_once(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """True when the row is new; False when its key was taken."""
    statement = insert_into(connection, table).on_conflict_do_nothing()
    return (await connection.execute(statement, row)).rowcount == 1


async def keep_latest(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert, or replace what was published earlier; news that comes late changes nothing."""
    insert = insert_into(connection, table)
    keys = [column.name for column in table.primary_key]
    statement = insert.on_conflict_do_update(
        index_elements=keys,
        set_={name: insert.excluded[name] for name in row if name not in keys},
        where=table.c.published_at < insert.excluded.published_at,
    )
    await connection.execute(statement, row)
