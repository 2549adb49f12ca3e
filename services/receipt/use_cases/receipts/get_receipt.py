from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.receipts import Archive


async def get_receipt(receipt_id: UUID, *, reach: Reach, archive: Archive) -> Receipt:
    """What the reach does not cover is as good as none."""
    receipt = await archive.find(receipt_id)
    if receipt is None or not _covers(reach, receipt):
        raise ReceiptNotFound
    return receipt


async def list_receipts_of_payment(
    payment_intent_id: UUID, *, reach: Reach, archive: Archive
) -> Sequence[Receipt]:
    """One of each agency and kind, and what corrects them: few enough to be listed whole."""
    receipts = await archive.list_of_payment(payment_intent_id)
    return [one for one in receipts if _covers(reach, one)]


def _covers(reach: Reach, receipt: Receipt) -> bool:
    # The agency whose charge it is, which may be another than the one that was paid.
    agency = receipt.collecting_body.agency_code
    return reach.covers(client_id=receipt.fee.client_id, agency_code=agency)
