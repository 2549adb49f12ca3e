from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.dossier
from chassis.db import Database
from chassis.migrations import upgrade_async

MIGRATIONS = Path(services.dossier.__file__).parent / "migrations"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database, as its migrations make it."""
    await upgrade_async(database_url, MIGRATIONS)
    opened = Database.open(database_url)
    yield opened
    await opened.close()
