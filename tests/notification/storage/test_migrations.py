from chassis.migrations import check_async, downgrade_async, upgrade_async
from tests.notification.conftest import MIGRATIONS


async def test_the_migrations_make_the_tables_and_can_be_undone_and_done_again(
    database_url: str,
) -> None:
    await upgrade_async(database_url, MIGRATIONS)
    await downgrade_async(database_url, MIGRATIONS)
    await upgrade_async(database_url, MIGRATIONS)

    await check_async(database_url, MIGRATIONS)
