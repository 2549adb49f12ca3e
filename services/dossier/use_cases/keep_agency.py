from datetime import datetime
from uuid import UUID

from services.dossier.domain.catalog import Agency
from services.dossier.ports import UnitOfWork

CONSUMER = "agency.published"


async def keep_agency(
    agency: Agency, *, published_at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    async with uow:
        if await uow.inbox.claim(caused_by, CONSUMER):
            await uow.catalog.keep_agency(agency, published_at=published_at)
