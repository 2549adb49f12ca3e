from datetime import datetime
from uuid import UUID

from services.dossier.ports import UnitOfWork

CONSUMER = "payment.revived"


async def record_payment_revived(
    fee_request_id: UUID, *, until: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    """The slip may show how to pay again, by the code that it had."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        request = await uow.fee_requests.get(fee_request_id)
        await uow.fee_requests.save(request.revived(until=until))
