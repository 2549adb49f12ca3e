from collections.abc import Sequence
from uuid import UUID

from services.payment.domain.discrepancy import Discrepancy
from services.payment.ports import Reading


async def list_discrepancies(
    *, client_id: str | None, before: UUID | None, limit: int, reading: Reading
) -> Sequence[Discrepancy]:
    """The latest first. For a client only those of its own intents; money nobody can place is
    shown to auditors alone."""
    async with reading:
        return await reading.discrepancies.list_page(
            client_id=client_id, before=before, limit=limit
        )
