from chassis.migrations import check_async, downgrade_async, upgrade_async
from tests.dossier.conftest import MIGRATIONS


async def test_migrations_go_up_down_and_up_again_and_match_the_tables(database_url: str) -> None:
    await upgrade_async(database_url, MIGRATIONS)
    await check_async(database_url, MIGRATIONS)
    await downgrade_async(database_url, MIGRATIONS)
    await upgrade_async(database_url, MIGRATIONS)

    await check_async(database_url, MIGRATIONS)
