from uuid import UUID

from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.ports import UnitOfWork

CONSUMER = "receipt.corrected"


async def record_receipt_corrected(
    receipt_id: UUID,
    standing: Standing,
    *,
    replacement: Receipt | None = None,
    caused_by: UUID,
    uow: UnitOfWork,
) -> None:
    """How a receipt stands from now on. What replaces it is listed beside it; the dossier itself
    goes neither on nor back."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        await uow.receipts.keep_standing(receipt_id, standing)
        if replacement is None:
            return
        request_id = replacement.fee_request_id
        if await uow.dossiers.find_for_update(fee_request_id=request_id) is not None:
            await uow.receipts.add_once(replacement)
