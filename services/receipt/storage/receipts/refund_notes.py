from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.storage.receipts.tables import RECEIPT, REFUND_NOTE

_T: Final = REFUND_NOTE.c
_OF_THE_RECEIPT: Final = (
    _T.payment_intent_id == RECEIPT.c.payment_intent_id,
    _T.kind == RECEIPT.c.kind,
)
# Columns for whoever selects receipts.
REFUNDED: Final = (
    select(func.sum(_T.amount_minor_units))
    .where(*_OF_THE_RECEIPT)
    .correlate(RECEIPT)
    .scalar_subquery()
    .label("refunded_minor_units"),
    select(func.max(_T.refunded_at))
    .where(*_OF_THE_RECEIPT)
    .correlate(RECEIPT)
    .scalar_subquery()
    .label("refunded_at"),
)


class SqlRefundNotes:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, note: RefundNote) -> None:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        row = {
            "refund_id": note.refund_id,
            "kind": note.kind.value,
            "payment_intent_id": note.payment_intent_id,
            "amount_minor_units": note.amount.minor_units,
            "currency": note.amount.currency,
            "refunded_at": note.refunded_at,
        }
        await self._connection.execute(insert(REFUND_NOTE).on_conflict_do_nothing(), row)
