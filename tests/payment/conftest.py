from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.payment
from chassis.db import Database
from chassis.migrations import upgrade_async

MIGRATIONS = Path(services.payment.__file__).parent / "migrations"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The payment service's tables, empty, on SQLite and on PostgreSQL."""
    async for opened in _migrated(database_url):
        yield opened


@pytest.fixture
async def postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    """The same on PostgreSQL alone, for what only rows locked by others show."""
    async for opened in _migrated(postgresql_url):
        yield opened


async def _migrated(url: str) -> AsyncIterator[Database]:
    await upgrade_async(url, MIGRATIONS)
    opened = Database.open(url)
    yield opened
    await opened.close()
