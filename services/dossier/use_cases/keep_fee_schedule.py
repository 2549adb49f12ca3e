from datetime import datetime
from uuid import UUID

from services.dossier.domain.catalog import FeeSchedule
from services.dossier.ports import UnitOfWork

CONSUMER = "fee_schedule.published"


async def keep_fee_schedule(
    schedule: FeeSchedule, *, published_at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    """Dossiers already taken in keep the price they were told."""
    async with uow:
        if await uow.inbox.claim(caused_by, CONSUMER):
            await uow.catalog.keep_schedule(schedule, published_at=published_at)
