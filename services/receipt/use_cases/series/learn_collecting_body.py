from datetime import datetime
from uuid import UUID

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.ports.unit_of_work import UnitOfWork

CONSUMER = "learn_collecting_body"


async def learn_collecting_body(
    body: CollectingBody, *, published_at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    """Keep our own copy of who collects; receipts already made keep the one they were made with."""
    async with uow:
        if await uow.inbox.claim(caused_by, CONSUMER):
            await uow.collecting_bodies.save(body, published_at=published_at)
