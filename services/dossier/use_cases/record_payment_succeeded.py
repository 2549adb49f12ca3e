from datetime import datetime
from uuid import UUID

from chassis.clock import Clock
from services.dossier.ports import UnitOfWork
from services.dossier.use_cases.advance_dossier import advance_dossier

CONSUMER = "payment.succeeded"


async def record_payment_succeeded(
    fee_request_id: UUID, *, paid_at: datetime, caused_by: UUID, uow: UnitOfWork, clock: Clock
) -> None:
    """A paid dossier is accepted; and goes to work at once if its receipts came first."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        request = (await uow.fee_requests.get(fee_request_id)).paid(at=paid_at)
        await uow.fee_requests.save(request)
        await advance_dossier(
            dossier,
            fee_request=request,
            receipts=await uow.receipts.list_of(fee_request_id),
            uow=uow,
            clock=clock,
        )
