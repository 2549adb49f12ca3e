"""The one Alembic environment. A service's env.py is one call: `run(METADATA)`."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection

from chassis.db import Database

LOCK_WAIT_SECONDS_MAX: Final = 5

Act = Callable[[Config], None]


def run(metadata: MetaData) -> None:
    """Called by env.py: migrate on the connection that `upgrade` handed over."""
    connection: Connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        # A migration that waits for a lock makes everybody behind it wait as well.
        connection.execute(text(f"SET lock_timeout = '{LOCK_WAIT_SECONDS_MAX}s'"))
        connection.commit()
    else:
        # SQLite changes a table by making it anew: rows that point to it must not mind meanwhile.
        # Said to the driver, for it counts only outside of a transaction.
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        dangling = connection.execute(text("PRAGMA foreign_key_check")).all()
        if dangling:
            raise RuntimeError(f"the migrations left rows that point nowhere: {dangling[:3]}")


def upgrade(url: str, folder: Path, *, revision: str = "head") -> None:
    """Bring the database to a revision. `folder` is the service's migrations folder."""
    asyncio.run(upgrade_async(url, folder, revision=revision))


async def upgrade_async(url: str, folder: Path, *, revision: str = "head") -> None:
    await _with_connection(url, lambda config: command.upgrade(config, revision), folder)


async def downgrade_async(url: str, folder: Path, *, revision: str = "base") -> None:
    await _with_connection(url, lambda config: command.downgrade(config, revision), folder)


async def check_async(url: str, folder: Path) -> None:
    """Raise when the tables in code and the migrations disagree."""
    await _with_connection(url, command.check, folder)


async def _with_connection(url: str, act: Act, folder: Path) -> None:
    database = Database.open(url, pool_size=1)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(_act_on, act, folder)
    finally:
        await database.close()


def _act_on(connection: Connection, act: Act, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    act(config)
    connection.commit()
