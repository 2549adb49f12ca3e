from collections.abc import Sequence
from uuid import UUID

from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipt import Receipt
from services.receipt.ports import Archive


async def get_receipt(receipt_id: UUID, *, client_id: str | None, archive: Archive) -> Receipt:
    """`client_id` is the owner that must fit; None is for those who may see any."""
    receipt = await archive.find(receipt_id)
    if receipt is None or client_id not in (None, receipt.fee.client_id):
        raise ReceiptNotFound
    return receipt


async def list_receipts_of_payment(
    payment_intent_id: UUID, *, client_id: str | None, archive: Archive
) -> Sequence[Receipt]:
    receipts = await archive.list_of_payment(payment_intent_id)
    return [one for one in receipts if client_id in (None, one.fee.client_id)]
