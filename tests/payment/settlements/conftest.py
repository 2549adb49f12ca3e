from pathlib import Path

import pytest

from chassis.db import Database
from tests.payment.settlements.desk import Desk


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)
