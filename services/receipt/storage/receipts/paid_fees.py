from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.fee import PaidFee
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.rows import fee_row
from services.receipt.storage.receipts.tables import PAID_FEE

ONCE = InsertOnce(PAID_FEE)


class SqlPaidFees:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_new(self, fees: Sequence[PaidFee]) -> frozenset[UUID]:
        """A second teller of the same payment waits here for the first one's transaction; in one
        order, so that two with the same payments never wait in a ring."""
        ordered = sorted(fees, key=lambda fee: fee.payment_intent_id)
        rows = [fee_row(fee) for fee in ordered]
        return await ONCE.run_all(self._connection, rows, PAID_FEE.c.payment_intent_id)
