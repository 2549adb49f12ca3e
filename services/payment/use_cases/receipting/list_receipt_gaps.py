from collections.abc import Sequence

from services.payment.domain.receipting.gap import ReceiptGap
from services.payment.ports.receipting import GapFilter
from services.payment.ports.unit_of_work import Reading


async def list_receipt_gaps(wanted: GapFilter, *, reading: Reading) -> Sequence[ReceiptGap]:
    async with reading:
        return await reading.receipts.list_page(wanted)
