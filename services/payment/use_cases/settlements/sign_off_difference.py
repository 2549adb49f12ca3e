from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.ids import Ids
from services.payment.domain.errors import IllegalTransition, UnknownDifference
from services.payment.domain.settlements.difference import (
    Difference,
    DifferenceState,
    DifferenceStep,
    Step,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.settlements.acting import Acting


async def sign_off_difference(
    difference_id: UUID, reason: str, *, acting: Acting, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Difference:
    """A person answers for a difference as it is now, and says why; it stays in the history."""
    async with uow:
        found = await uow.settlement_differences.get(difference_id)
        if not covers(acting.reach, found):
            raise UnknownDifference(difference_id)
        if not await uow.settlement_differences.save_signed_off(difference_id):
            raise IllegalTransition(
                f"Settlement difference {difference_id}",
                current=found.state,
                wanted=DifferenceState.SIGNED_OFF,
            )
        step = DifferenceStep(
            id=ids.new(),
            difference_id=difference_id,
            step=Step.SIGNED_OFF,
            by=acting.subject,
            reason=reason,
            at=clock.now(),
            theirs=found.theirs,
            ours=found.ours,
        )
        await uow.settlement_differences.add_steps([step])
        return await uow.settlement_differences.get(difference_id)


def covers(reach: Reach, difference: Difference) -> bool:
    return reach.covers(client_id=None, agency_code=difference.subject.agency_code)
