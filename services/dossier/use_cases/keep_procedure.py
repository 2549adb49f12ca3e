from datetime import datetime
from uuid import UUID

from services.dossier.domain.catalog import Procedure
from services.dossier.ports import UnitOfWork

CONSUMER = "procedure.published"


async def keep_procedure(
    procedure: Procedure, *, published_at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    async with uow:
        if await uow.inbox.claim(caused_by, CONSUMER):
            await uow.catalog.keep_procedure(procedure, published_at=published_at)
