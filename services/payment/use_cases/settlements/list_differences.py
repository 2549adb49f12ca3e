from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.errors import UnknownDifference
from services.payment.domain.settlements.difference import Difference, DifferenceStep
from services.payment.ports.settlements import DifferenceFilter
from services.payment.ports.unit_of_work import Reading
from services.payment.use_cases.settlements.sign_off_difference import covers

STEPS_MAX: Final = 1000


async def list_differences(
    wanted: DifferenceFilter, *, before: UUID | None, limit: int, reading: Reading
) -> Sequence[Difference]:
    async with reading:
        return await reading.settlement_differences.list_page(wanted, before=before, limit=limit)


async def get_difference(
    difference_id: UUID, *, reach: Reach, reading: Reading
) -> tuple[Difference, Sequence[DifferenceStep]]:
    """With its history, the oldest first."""
    async with reading:
        found = await reading.settlement_differences.get(difference_id)
        if not covers(reach, found):
            raise UnknownDifference(difference_id)
        return found, await reading.settlement_differences.list_steps(
            difference_id, limit=STEPS_MAX
        )
