"""Writes down the totals of a day that is over. Postings wait for nobody: only one into the very
day that is being closed would, and be refused (the trigger is in the migrations)."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import Date, and_, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.storage.ledger.tables import (
    LEDGER_ACCOUNT,
    LEDGER_ACCOUNT_DAY,
    LEDGER_CLOSED_DAY,
    LEDGER_ENTRY,
)
from services.payment.storage.ledger.turnovers import CLOSED, CREDITED, DEBITED

# The first key is the one that the trigger on ledger_transaction locks days by.
DAY_LOCKS: Final = 1279609671
GAP_DAYS_MAX: Final = 400
_ONE_CLOSER: Final = text("SELECT pg_try_advisory_xact_lock(:key, -1)").bindparams(key=DAY_LOCKS)
# Days without entries that lie between are closed by this one, so they are locked as well.
_LOCK: Final = text(
    """
    SELECT pg_advisory_xact_lock(:key, day - DATE '2000-01-01')
    FROM (
        SELECT generate_series(
            greatest(CAST(:closed AS date) + 1, CAST(:day AS date) - :gap), CAST(:day AS date),
            interval '1 day'
        )::date AS day
    ) AS days
    """
).bindparams(key=DAY_LOCKS, gap=GAP_DAYS_MAX)
_E: Final = LEDGER_ENTRY.c
_D: Final = LEDGER_ACCOUNT_DAY.c


async def close_next_day(connection: AsyncConnection, *, last: date, at: datetime) -> date | None:
    postgresql = connection.dialect.name == "postgresql"
    if postgresql and not await connection.scalar(_ONE_CLOSER):
        return None
    closed: date = (await connection.execute(select(CLOSED))).scalar_one()
    earliest = select(func.min(_E.booked_on)).where(_E.booked_on > closed)
    day: date | None = await connection.scalar(earliest)
    if day is None or day > last:
        return None
    if postgresql:
        await connection.execute(_LOCK, {"closed": closed, "day": day})
        # Who was still posting has committed by now, perhaps into a day before this one.
        day = (await connection.execute(earliest)).scalar_one()
    await _open_accounts(connection, day)
    await _write_totals(connection, day)
    await connection.execute(insert(LEDGER_CLOSED_DAY), {"day": day, "closed_at": at})
    return day


async def _open_accounts(connection: AsyncConnection, day: date) -> None:
    moved = (
        select(_E.account, _E.currency, _E.agency_code, literal(day, Date))
        .where(_E.booked_on == day)
        .distinct()
    )
    postgresql = connection.dialect.name == "postgresql"
    upsert = postgresql_insert if postgresql else sqlite_insert
    await connection.execute(
        upsert(LEDGER_ACCOUNT)
        .from_select(["account", "currency", "agency_code", "opened_on"], moved)
        .on_conflict_do_nothing()
    )


async def _write_totals(connection: AsyncConnection, day: date) -> None:
    moved = (
        select(_E.account, _E.currency, DEBITED.label("debits"), CREDITED.label("credits"))
        .where(_E.booked_on == day)
        .group_by(_E.account, _E.currency)
        .subquery()
    )
    earlier = LEDGER_ACCOUNT_DAY.alias("earlier").c
    latest = (
        select(func.max(earlier.day))
        .where(earlier.account == moved.c.account, earlier.currency == moved.c.currency)
        .correlate(moved)
        .scalar_subquery()
    )
    before = and_(_D.account == moved.c.account, _D.currency == moved.c.currency, _D.day == latest)
    totals = select(
        moved.c.account,
        moved.c.currency,
        literal(day, Date),
        moved.c.debits,
        moved.c.credits,
        func.coalesce(_D.debits_to_date, 0) + moved.c.debits,
        func.coalesce(_D.credits_to_date, 0) + moved.c.credits,
    ).select_from(moved.outerjoin(LEDGER_ACCOUNT_DAY, before))
    await connection.execute(
        insert(LEDGER_ACCOUNT_DAY).from_select(
            [
                "account",
                "currency",
                "day",
                "debits",
                "credits",
                "debits_to_date",
                "credits_to_date",
            ],
            totals,
        )
    )
