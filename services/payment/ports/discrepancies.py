from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.discrepancies.discrepancy import Discrepancy


class Discrepancies(Protocol):
    async def add(self, discrepancy: Discrepancy) -> None: ...

    async def supersede(self, discrepancy_id: UUID) -> Discrepancy | None:
        """Turn an open case that holds money into a contradictory one that holds none; the case
        as it was. None when somebody has acted on it already."""

    async def list_page(
        self, *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[Discrepancy]:
        """The latest first, of one client or of all."""
