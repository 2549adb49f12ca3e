from chassis.migrations import check_async, downgrade_async, upgrade_async
from tests.payment.conftest import MIGRATIONS


async def test_the_tables_can_be_made_unmade_and_made_again(database_url: str) -> None:
    await upgrade_async(database_url, MIGRATIONS)
    await downgrade_async(database_url, MIGRATIONS)
    await upgrade_async(database_url, MIGRATIONS)

    await check_async(database_url, MIGRATIONS)
