from collections.abc import Sequence
from typing import Final

from sqlalchemy import case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.ledger.transaction import Balance, Direction, LedgerTransaction
from services.payment.storage.ledger.tables import LEDGER_ENTRY, LEDGER_TRANSACTION

_T: Final = LEDGER_ENTRY.c
_SIGNED: Final = case(
    (_T.direction == Direction.DEBIT, _T.amount_minor_units), else_=-_T.amount_minor_units
)
_BALANCES: Final = (
    select(_T.account, _T.currency, func.sum(_SIGNED).label("minor_units"))
    .group_by(_T.account, _T.currency)
    .order_by(_T.account, _T.currency)
)


class SqlLedger:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def post(self, transaction: LedgerTransaction) -> None:
        # Entries first: inserting the transaction is what weighs them, and seals them.
        entries = [
            {
                "ledger_transaction_id": transaction.id,
                "line": line,
                "account": entry.account,
                "direction": entry.direction,
                "amount_minor_units": entry.amount.minor_units,
                "currency": entry.amount.currency,
            }
            for line, entry in enumerate(transaction.entries, start=1)
        ]
        await self._connection.execute(insert(LEDGER_ENTRY), entries)
        await self._connection.execute(
            insert(LEDGER_TRANSACTION),
            {
                "id": transaction.id,
                "cause": transaction.cause,
                "posted_at": transaction.posted_at,
            },
        )

    async def list_balances(self, *, limit: int) -> Sequence[Balance]:
        rows = await self._connection.execute(_BALANCES.limit(limit))
        return [Balance(row.account, row.currency, int(row.minor_units)) for row in rows]
