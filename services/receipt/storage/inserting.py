"""INSERT … ON CONFLICT, which both databases have and each spells in its own dialect."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = postgresql.Insert | sqlite.Insert


class InsertOnce:
    """Built once for a table; says whether the row is new. Whoever comes second waits for the
    first one's transaction to end."""

    def __init__(self, table: Table) -> None:
        self._by_dialect: Final[Mapping[str, Insert]] = {
            "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        }

    async def run(self, connection: AsyncConnection, row: Mapping[str, object]) -> bool:
        statement = self._by_dialect[connection.dialect.name]
        return (await connection.execute(statement, dict(row))).rowcount == 1

    async def run_all(
        self, connection: AsyncConnection, rows: Sequence[Mapping[str, object]], key: Column[UUID]
    ) -> frozenset[UUID]:
        """One statement for all; the keys of those that are new."""
        if not rows:
            return frozenset()
        statement = self._by_dialect[connection.dialect.name].returning(key)
        return frozenset((await connection.execute(statement, [dict(r) for r in rows])).scalars())


def insert_into(connection: AsyncConnection, table: Table) -> Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
