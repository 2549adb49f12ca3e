from datetime import datetime
from uuid import UUID

from services.payment.domain.bills.agency import Agency
from services.payment.ports.unit_of_work import UnitOfWork


async def keep_agency(
    agency: Agency, *, published_at: datetime, caused_by: UUID, uow: UnitOfWork
) -> None:
    async with uow:
        if await uow.inbox.claim(caused_by, "keep_agency"):
            await uow.agencies.keep(agency, published_at=published_at)
