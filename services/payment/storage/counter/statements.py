from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.counter.payments import Request


async def insert_once(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """False when any unique key of the row is taken. On PostgreSQL a transaction that holds such
    a key is waited for, so that what it made can be read afterwards."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).on_conflict_do_nothing()
    return (await connection.execute(statement, dict(row))).rowcount == 1


def of_request(table: Table, request: Request) -> ColumnElement[bool]:
    return and_(
        table.c.officer == request.officer, table.c.idempotency_key == request.idempotency_key
    )
