from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.fee import PaidFee
from services.receipt.storage.inserting import insert_into
from services.receipt.storage.rows import fee_row
from services.receipt.storage.tables import PAID_FEE


class SqlPaidFees:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, fee: PaidFee) -> bool:
        """A second teller of the same payment waits here for the first one's transaction."""
        once = insert_into(self._connection, PAID_FEE).on_conflict_do_nothing()
        return (await self._connection.execute(once, fee_row(fee))).rowcount == 1
