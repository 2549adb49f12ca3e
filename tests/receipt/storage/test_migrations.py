from datetime import date
from itertools import pairwise

from sqlalchemy import select

from chassis.db import Database
from chassis.migrations import check_async, downgrade_async, upgrade_async
from services.receipt.storage.series.series import SqlReceiptRules
from services.receipt.storage.series.tables import RECEIPT_RULE
from tests.receipt.conftest import MIGRATIONS


async def test_migrations_go_up_down_and_up_and_agree_with_the_tables(database_url: str) -> None:
    await upgrade_async(database_url, MIGRATIONS)
    await downgrade_async(database_url, MIGRATIONS)
    await upgrade_async(database_url, MIGRATIONS)

    await check_async(database_url, MIGRATIONS)


async def test_every_day_since_the_first_has_exactly_one_rule(database: Database) -> None:
    async with database.read() as connection:
        rows = (
            await connection.execute(select(RECEIPT_RULE).order_by(RECEIPT_RULE.c.valid_from_on))
        ).all()
        rules = SqlReceiptRules(connection)
        days = (date(2022, 7, 1), date(2026, 6, 30), date(2026, 7, 1))
        in_force = [await rules.find(on=day) for day in days]
        before = await rules.find(on=date(2022, 6, 30))

    gaps = [(later.valid_from_on - earlier.valid_to_on).days for earlier, later in pairwise(rows)]
    assert gaps == [1, 1]
    assert rows[-1].valid_to_on is None
    assert before is None
    assert [rule.number_width for rule in in_force if rule] == [7, 7, 8]
