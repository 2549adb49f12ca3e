from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.migrations import upgrade_async
from deploy.development_keys import ensure_development_keys
from tests.gateway.audit.rig import Rig, rig_of
from tests.gateway.conftest import MIGRATIONS


@pytest.fixture
async def rig(database_url: str, var_dir: Path) -> AsyncIterator[Rig]:
    """A log on each database."""
    ensure_development_keys(var_dir)
    await upgrade_async(database_url, MIGRATIONS)
    opened = Database.open(database_url)
    yield rig_of(opened, var_dir)
    await opened.close()


@pytest.fixture
async def postgresql_rig(postgresql_url: str, var_dir: Path) -> AsyncIterator[Rig]:
    ensure_development_keys(var_dir)
    await upgrade_async(postgresql_url, MIGRATIONS)
    opened = Database.open(postgresql_url)
    yield rig_of(opened, var_dir)
    await opened.close()
