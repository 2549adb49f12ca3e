import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.development_keys import ensure_development_keys
from tests.payment.providers.over_http import Town, town


@pytest.fixture(scope="session")
def towns_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    ensure_development_keys(folder)
    return folder


@pytest.fixture
async def world(tmp_path: Path, towns_keys: Path) -> AsyncIterator[Town]:
    """A town of its own for each test; its files may be changed."""
    place = tmp_path / "var"
    shutil.copytree(towns_keys, place)
    async with town(place) as opened:
        yield opened
