from datetime import UTC, datetime

from sqlalchemy import text

from chassis.db import Database

POSTGRESQL = text("SELECT clock_timestamp()")
SQLITE = text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")


async def read_database_clock(database: Database) -> datetime:
    """What time the database has; on SQLite that of this very machine."""
    async with database.read() as connection:
        if database.dialect == "sqlite":
            said = (await connection.execute(SQLITE)).scalar_one()
            return datetime.fromisoformat(said).replace(tzinfo=UTC)
        now: datetime = (await connection.execute(POSTGRESQL)).scalar_one()
        return now
