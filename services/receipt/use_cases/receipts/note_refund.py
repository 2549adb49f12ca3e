from collections.abc import Sequence
from uuid import UUID

from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.ports.unit_of_work import UnitOfWork

CONSUMER = "note_refund"


async def note_refund(notes: Sequence[RefundNote], *, caused_by: UUID, uow: UnitOfWork) -> None:
    """Remember what went back of each kind of fee; the receipt shows it from then on."""
    async with uow:
        if not await uow.inbox.claim(caused_by, CONSUMER):
            return
        for note in notes:
            await uow.refund_notes.add_once(note)
