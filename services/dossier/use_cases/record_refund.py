from uuid import UUID

from services.dossier.domain.refund import Refund
from services.dossier.ports import UnitOfWork

CONSUMER = "refund"


async def record_refund(refund: Refund, *, caused_by: UUID, uow: UnitOfWork) -> None:
    """Shown where the dossier is tracked; its state is not moved by money that goes back."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        dossier = await uow.dossiers.find_for_update(fee_request_id=refund.fee_request_id)
        if dossier is None:  # A bill without a dossier is somebody else's.
            return
        await uow.refunds.keep(refund)
