import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.migrations import upgrade_async
from gateway.settings import GatewaySettings
from tests.gateway.two_gateways import TwoGateways, running_gateways
from tests.gateway.world import World, make_world, settings_for

MIGRATIONS = Path(__file__).parents[2] / "gateway" / "migrations"


@pytest.fixture(scope="session")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys are made once: no test changes them."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
async def settings(database_url: str, var_dir: Path) -> GatewaySettings:
    await upgrade_async(database_url, MIGRATIONS)
    return settings_for(database_url, var_dir)


@pytest.fixture
async def database(settings: GatewaySettings) -> AsyncIterator[Database]:
    opened = Database.open(settings.database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def world(settings: GatewaySettings, database: Database) -> AsyncIterator[World]:
    made = await make_world(settings, database)
    yield made
    await made.http.aclose()


@pytest.fixture(scope="session")
async def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating anew for every test takes longer than the test."""
    file = tmp_path_factory.mktemp("empty") / "gateway.sqlite"
    await upgrade_async(f"sqlite+aiosqlite:///{file}", MIGRATIONS)
    return file


@pytest.fixture
async def quick_world(tmp_path: Path, var_dir: Path, empty_file: Path) -> AsyncIterator[World]:
    """On SQLite only: for the many tests in which the database decides nothing."""
    file = tmp_path / "gateway.sqlite"
    shutil.copy(empty_file, file)
    settings = settings_for(f"sqlite+aiosqlite:///{file}", var_dir)
    opened = Database.open(settings.database_url)
    made = await make_world(settings, opened)
    yield made
    await made.http.aclose()
    await opened.close()


@pytest.fixture
async def two_gateways(
    postgresql_url: str, var_dir: Path, tmp_path: Path
) -> AsyncIterator[TwoGateways]:
    async with running_gateways(postgresql_url, var_dir, tmp_path) as running:
        yield running
