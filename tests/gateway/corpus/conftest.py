import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.corpus.stand import Stand, open_stand


@pytest.fixture
async def stand(tmp_path: Path, var_dir: Path, empty_file: Path) -> AsyncIterator[Stand]:
    file = tmp_path / "gateway.sqlite"
    shutil.copy(empty_file, file)
    async with open_stand(f"sqlite+aiosqlite:///{file}", var_dir) as opened:
        yield opened
