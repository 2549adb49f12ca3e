from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from tests.receipt.outside.town import Town, town


@pytest.fixture
async def outside(
    database: Database, clock: FrozenClock, sealer: Sealer, tmp_path: Path
) -> AsyncIterator[Town]:
    async with town(database, clock, sealer, tmp_path / "keys") as opened:
        yield opened
