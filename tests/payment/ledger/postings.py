"""Postings of no particular business, and the slow truth to hold fast balances against."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import text

from chassis.db import Database
from chassis.money import Money
from services.payment.domain.ledger import accounts
from services.payment.domain.ledger.books import Turnover
from services.payment.domain.ledger.transaction import Direction, LedgerEntry, LedgerTransaction
from services.payment.ports.ledger import Folio
from services.payment.storage.ledger.ledger import SqlLedger
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.ledger.get_trial_balance import turnovers
from tests.payment.samples import new_id


def a_posting(at: datetime, amount: int, *, agency: str = "H19.25") -> LedgerTransaction:
    return LedgerTransaction(
        id=new_id(),
        cause=f"test:{new_id()}",
        posted_at=at,
        entries=(
            LedgerEntry(accounts.clearing("sandbox"), Direction.DEBIT, Money(amount)),
            LedgerEntry(accounts.agency_revenue(agency, "phi"), Direction.CREDIT, Money(amount)),
        ),
    )


async def post(database: Database, *postings: LedgerTransaction) -> None:
    async with database.begin() as connection:
        for one in postings:
            await SqlLedger(connection).post(one)


async def full_sums(database: Database, *, until: date = date.max) -> dict[str, tuple[int, int]]:
    """Every row of the ledger added up, which is what nobody but a test does."""
    slow = text(
        """
        SELECT account, currency,
               sum(CASE direction WHEN 'debit' THEN amount_minor_units ELSE 0 END) AS debits,
               sum(CASE direction WHEN 'credit' THEN amount_minor_units ELSE 0 END) AS credits
        FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.ledger_transaction_id
        WHERE t.booked_on <= :until GROUP BY account, currency
        """
    )
    bound = until.isoformat() if database.dialect == "sqlite" else until
    async with database.read() as connection:
        rows = (await connection.execute(slow, {"until": bound})).all()
    return {f"{row.account} {row.currency}": (int(row.debits), int(row.credits)) for row in rows}


async def fast_sums(database: Database, *, until: date = date.max) -> dict[str, tuple[int, int]]:
    async with SqlReading(database) as reading:
        found = await turnovers(Folio(), until=until, reading=reading)
    return by_book(found)


def by_book(found: Sequence[Turnover]) -> dict[str, tuple[int, int]]:
    return {f"{one.book.account} {one.book.currency}": (one.debits, one.credits) for one in found}
