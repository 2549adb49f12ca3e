from collections.abc import Sequence
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.ports.unit_of_work import Reading


async def list_discrepancies(
    *, reach: Reach, before: UUID | None, limit: int, reading: Reading
) -> Sequence[Discrepancy]:
    """The latest first. Money nobody can place is neither a client's nor an agency's."""
    async with reading:
        return await reading.discrepancies.list_page(reach=reach, before=before, limit=limit)
