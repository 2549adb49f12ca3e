from uuid import UUID

from services.dossier.domain.fee_request import PaymentCode
from services.dossier.ports import UnitOfWork

CONSUMER = "payment.opened"


async def record_payment_opened(
    fee_request_id: UUID, *, code: PaymentCode, caused_by: UUID, uow: UnitOfWork
) -> None:
    """The payer has confirmed: from now on the slip can show how to pay."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        request = await uow.fee_requests.get(fee_request_id)
        await uow.fee_requests.save(request.opened_with(code))
