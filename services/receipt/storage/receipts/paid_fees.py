from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.fee import PaidFee
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.receipts.rows import fee_row
from services.receipt.storage.receipts.tables import PAID_FEE

ONCE: Final = InsertOnce(PAID_FEE)


class SqlPaidFees:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, fee: PaidFee) -> bool:
        """A second teller of the same payment waits here for the first one's transaction."""
        return await ONCE.run(self._connection, fee_row(fee))
