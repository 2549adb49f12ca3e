import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chassis.db import Database
from gateway.settings import GatewaySettings
from tests.gateway.payer import play_payment
from tests.gateway.proofs.pki import Authority, trust
from tests.gateway.world import World, make_world, settings_for


@dataclass
class Trusted:
    """A gateway that trusts two authorities of this test."""

    world: World
    person: Authority
    officer: Authority

    def folder(self, name: str) -> Path:
        return self.world.settings.keys_dir / "trust" / f"{name}-ca"

    def publish(self, name: str, revocation_list: bytes) -> None:
        """Instead of the list that was there; other lists are taken away."""
        for old in self.folder(name).glob("*.crl"):
            old.unlink()
        (self.folder(name) / "test.crl").write_bytes(revocation_list)


@pytest.fixture
async def trusted(
    database: Database, settings: GatewaySettings, tmp_path: Path
) -> AsyncIterator[Trusted]:
    made = await make_trusted(settings.database_url, database, tmp_path / "var")
    yield made
    await made.world.http.aclose()


@pytest.fixture
async def quick_trusted(tmp_path: Path, empty_file: Path) -> AsyncIterator[Trusted]:
    """On SQLite only: for the many tests in which the database decides nothing."""
    file = tmp_path / "gateway.sqlite"
    shutil.copy(empty_file, file)
    url = f"sqlite+aiosqlite:///{file}"
    opened = Database.open(url)
    made = await make_trusted(url, opened, tmp_path / "var")
    yield made
    await made.world.http.aclose()
    await opened.close()


async def make_trusted(url: str, database: Database, var_dir: Path) -> Trusted:
    settings = settings_for(url, var_dir)
    person, officer = Authority("Test Person CA"), Authority("Test Officer CA")
    trust(settings.keys_dir / "trust" / "person-ca", {"test": person})
    trust(settings.keys_dir / "trust" / "officer-ca", {"test": officer})
    world = await make_world(settings, database)
    play_payment(world)
    return Trusted(world, person, officer)
