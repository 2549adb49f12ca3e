from uuid import UUID

from chassis.clock import Clock
from services.dossier.domain.receipt import Receipt
from services.dossier.ports import UnitOfWork
from services.dossier.use_cases.advance_dossier import advance_dossier

CONSUMER = "receipt.issued"


async def record_receipt_issued(
    receipt: Receipt, *, caused_by: UUID, uow: UnitOfWork, clock: Clock
) -> None:
    """With the last receipt of a paid fee the work on the dossier begins."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=receipt.fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        await uow.receipts.add_once(receipt)
        await advance_dossier(
            dossier,
            fee_request=await uow.fee_requests.get(receipt.fee_request_id),
            receipts=await uow.receipts.list_of(receipt.fee_request_id),
            uow=uow,
            clock=clock,
        )
