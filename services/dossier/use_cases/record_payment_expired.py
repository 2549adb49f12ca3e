from datetime import datetime
from uuid import UUID

from services.dossier.ports import UnitOfWork

CONSUMER = "payment.expired"


async def record_payment_expired(
    fee_request_id: UUID, *, at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    """The code may no longer be shown. The dossier goes on waiting for its fee."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        request = await uow.fee_requests.get(fee_request_id)
        await uow.fee_requests.save(request.expired(at=at))
