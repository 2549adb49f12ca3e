from chassis.migrations import check_async, downgrade_async, upgrade_async
from tests.gateway.conftest import MIGRATIONS


async def test_the_migrations_go_up_down_and_up_and_make_the_tables_of_the_code(
    database_url: str,
) -> None:
    await upgrade_async(database_url, MIGRATIONS)
    await check_async(database_url, MIGRATIONS)

    await downgrade_async(database_url, MIGRATIONS)
    await upgrade_async(database_url, MIGRATIONS)

    await check_async(database_url, MIGRATIONS)
