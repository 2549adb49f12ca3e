"""Every house's migrations run forwards, backwards and forwards again, on both databases."""

import pytest

from chassis.migrations import check_async, downgrade_async, upgrade_async
from deploy.commands.houses import HOUSES, migrations_of


@pytest.mark.parametrize("house", HOUSES)
async def test_migrations_can_be_undone_and_leave_exactly_the_tables_of_the_code(
    database_url: str, house: str
) -> None:
    folder = migrations_of(house)

    await upgrade_async(database_url, folder)
    await downgrade_async(database_url, folder)
    await upgrade_async(database_url, folder)

    await check_async(database_url, folder)
