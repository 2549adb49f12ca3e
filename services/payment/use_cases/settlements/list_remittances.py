from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.settlements.remittance import Remittance, RemittanceStatus
from services.payment.ports.unit_of_work import Reading


async def list_remittances(
    reach: Reach,
    *,
    status: RemittanceStatus | None,
    before: UUID | None,
    limit: int,
    reading: Reading,
) -> Sequence[Remittance]:
    async with reading:
        return await reading.remittances.list_page(
            agencies=reach.agencies, status=status, before=before, limit=limit
        )
