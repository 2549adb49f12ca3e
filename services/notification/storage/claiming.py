"""Rows that several workers share: take some that are due, and record one if it is still ours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notification.domain.sending import Lease

FREE: Final[dict[str, None]] = {"lease_id": None, "leased_until": None}


def due_statement(table: Table, waiting_state: str) -> Select[Any]:
    """True or false: is anything due that nobody holds?"""
    return select(exists(_due(table, waiting_state)))


def claim_statement(table: Table, waiting_state: str) -> Update:
    # The CTE, unlike a subquery, is run once: PostgreSQL could otherwise claim above the limit.
    due = (
        _due(table, waiting_state)
        .order_by(table.c.due_at, table.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(table)
        .where(table.c.id.in_(select(due.c.id)))
        .values(
            attempts=table.c.attempts + 1,
            lease_id=bindparam("new_lease_id"),
            leased_until=bindparam("new_leased_until"),
        )
        .returning(*table.c)
    )


async def claim(
    connection: AsyncConnection, statement: Update, lease: Lease, *, limit: int
) -> Sequence[Row[Any]]:
    bound = {
        "now": lease.taken_at,
        "limit": limit,
        "new_lease_id": lease.id,
        "new_leased_until": lease.until,
    }
    rows = (await connection.execute(statement, bound)).all()
    return sorted(rows, key=lambda row: (row.due_at, row.id))


async def settle(
    connection: AsyncConnection,
    table: Table,
    row_id: UUID,
    lease: Lease,
    values: dict[str, Any],
) -> bool:
    """Write and let go, unless another lease has replaced ours."""
    held = update(table).where(table.c.id == row_id, table.c.lease_id == lease.id)
    return await run(connection, held.values(values | FREE)) == 1


async def run(connection: AsyncConnection, statement: Any, *rows: Any) -> int:
    """Execute and say how many rows it touched."""
    result = await connection.execute(statement, *rows)
    return result.rowcount


async def is_due(connection: AsyncConnection, statement: Select[Any], now: datetime) -> bool:
    return bool(await connection.scalar(statement, {"now": now}))


def insert_once(connection: AsyncConnection, table: Table) -> Any:
    """An insert that leaves a row out when a unique key already has it."""
    postgresql = connection.dialect.name == "postgresql"
    insert = postgresql_insert if postgresql else sqlite_insert
    return insert(table).on_conflict_do_nothing()


def _due(table: Table, waiting_state: str) -> Select[tuple[UUID]]:
    leased_until: Column[datetime] = table.c.leased_until
    now = bindparam("now", type_=table.c.due_at.type)
    return select(table.c.id).where(
        table.c.state == waiting_state,
        table.c.due_at <= now,
        or_(leased_until.is_(None), leased_until < now),
    )
