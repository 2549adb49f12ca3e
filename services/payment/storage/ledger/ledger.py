from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.ledger.accounts import account
from services.payment.domain.ledger.books import Period, PostedEntry, Turnover
from services.payment.domain.ledger.transaction import LedgerEntry, LedgerTransaction
from services.payment.ports.ledger import EntryKey, Folio
from services.payment.storage.ledger.closing import close_next_day
from services.payment.storage.ledger.entries import list_entries
from services.payment.storage.ledger.tables import LEDGER_ENTRY, LEDGER_TRANSACTION
from services.payment.storage.ledger.turnovers import list_turnovers

_ENTRY: Final = insert(LEDGER_ENTRY)
_TRANSACTION: Final = insert(LEDGER_TRANSACTION)


class SqlLedger:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def post(self, transaction: LedgerTransaction) -> None:
        # Entries first: inserting the transaction is what weighs them, and seals them.
        await self._connection.execute(
            _ENTRY,
            [
                _to_row(transaction, line, entry)
                for line, entry in enumerate(transaction.entries, start=1)
            ],
        )
        await self._connection.execute(
            _TRANSACTION,
            {
                "id": transaction.id,
                "cause": transaction.cause,
                "cause_kind": transaction.cause_kind,
                "posted_at": transaction.posted_at,
                "booked_on": transaction.booked_on,
                "payment_intent_id": transaction.payment_intent_id,
                "discrepancy_id": transaction.discrepancy_id,
                "refund_id": transaction.refund_id,
                "agency_code": transaction.agency_code,
            },
        )

    async def close_next_day(self, *, last: date, at: datetime) -> date | None:
        return await close_next_day(self._connection, last=last, at=at)

    async def list_turnovers(self, folio: Folio, *, until: date, limit: int) -> Sequence[Turnover]:
        return await list_turnovers(self._connection, folio, until=until, limit=limit)

    async def list_entries(
        self, folio: Folio, *, period: Period, after: EntryKey | None, limit: int
    ) -> Sequence[PostedEntry]:
        return await list_entries(self._connection, folio, period=period, after=after, limit=limit)


def _to_row(transaction: LedgerTransaction, line: int, entry: LedgerEntry) -> dict[str, Any]:
    return {
        "ledger_transaction_id": transaction.id,
        "line": line,
        "account": entry.account,
        "direction": entry.direction,
        "amount_minor_units": entry.amount.minor_units,
        "currency": entry.amount.currency,
        "booked_on": transaction.booked_on,
        "agency_code": account(entry.account).agency_code,
    }
