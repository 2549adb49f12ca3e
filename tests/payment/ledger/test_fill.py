"""What was posted before entries had a day and an agency is filled in by the migration."""

from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Database
from chassis.migrations import upgrade_async
from services.payment.storage.ledger.tables import LEDGER_ENTRY, LEDGER_TRANSACTION
from tests.payment.conftest import MIGRATIONS
from tests.payment.samples import NOON, new_id


async def test_old_entries_get_their_day_and_agency_and_stay_append_only(
    database_url: str,
) -> None:
    await upgrade_async(database_url, MIGRATIONS, revision="0009")
    database = Database.open(database_url)
    posted, accounts = new_id(), ("provider:sandbox:clearing", "agency:000.00.25.H19:phi")
    async with database.begin() as connection:
        entry, transaction = await _as_it_was(connection)
        for line, (account, side) in enumerate(zip(accounts, ("debit", "credit"), strict=True)):
            facts = {"ledger_transaction_id": posted.hex, "line": line, "account": account}
            money = {"direction": side, "amount_minor_units": 5, "currency": "VND"}
            await connection.execute(insert(entry), facts | money)
        head = {"id": posted.hex, "cause": f"payment_intent:{new_id()}", "posted_at": NOON}
        await connection.execute(insert(transaction), head)

    await upgrade_async(database_url, MIGRATIONS)

    async with database.read() as connection:
        entries = (await connection.execute(select(LEDGER_ENTRY).order_by("line"))).all()
        (head_now,) = (await connection.execute(select(LEDGER_TRANSACTION))).all()
    with pytest.raises(IntegrityError, match="append-only"):
        async with database.begin() as connection:
            await connection.execute(update(LEDGER_ENTRY).values(line=7))
    await database.close()
    assert [one.agency_code for one in entries] == [None, "000.00.25.H19"]
    assert {one.booked_on.isoformat() for one in (*entries, head_now)} == {"2026-11-23"}
    assert head_now.cause_kind == "payment_intent"


async def _as_it_was(connection: AsyncConnection) -> tuple[Table, Table]:
    def reflect(sync: Any) -> MetaData:
        metadata = MetaData()
        metadata.reflect(sync, only=["ledger_entry", "ledger_transaction"])
        return metadata

    found = await connection.run_sync(reflect)
    return found.tables["ledger_entry"], found.tables["ledger_transaction"]
