import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from tests.gateway.evidence.rig import EvidenceRig
from tests.gateway.proofs.conftest import make_trusted


@pytest.fixture
async def rig(tmp_path: Path, empty_file: Path) -> AsyncIterator[EvidenceRig]:
    """On SQLite, with keys and certificates of the frozen day, all its own."""
    file = tmp_path / "gateway.sqlite"
    shutil.copy(empty_file, file)
    url = f"sqlite+aiosqlite:///{file}"
    ensure_development_keys(tmp_path / "var", clock=FrozenClock())
    opened = Database.open(url)
    trusted = await make_trusted(url, opened, tmp_path / "var")
    yield EvidenceRig.of(trusted)
    await trusted.world.http.aclose()
    await opened.close()
