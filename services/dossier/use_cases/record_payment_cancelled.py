from uuid import UUID

from services.dossier.ports import UnitOfWork

CONSUMER = "payment.cancelled"


async def record_payment_cancelled(
    fee_request_id: UUID, *, caused_by: UUID, uow: UnitOfWork
) -> None:
    """The fee is asked for no longer; the dossier itself goes on as its officer decides."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        request = await uow.fee_requests.get(fee_request_id)
        await uow.fee_requests.save(request.cancelled())
