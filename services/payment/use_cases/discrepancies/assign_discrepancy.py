from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy, DiscrepancyStatus
from services.payment.domain.discrepancies.worklist import EventKind
from services.payment.domain.errors import IllegalTransition
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.work_on_case import (
    Deed,
    Workshop,
    remember,
    take_case,
)


async def assign_discrepancy(
    deed: Deed, assignee: str | None, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Discrepancy:
    """Put a case on one person's desk, or (None) back on the pile."""
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    async with uow:
        taken = await take_case(deed, shop=shop)
        if taken.is_repeat:
            return taken.case
        if not await uow.discrepancies.save_assigned(deed.discrepancy_id, assignee):
            raise IllegalTransition(
                f"Discrepancy {deed.discrepancy_id}",
                current=taken.case.status,
                wanted=DiscrepancyStatus.ASSIGNED,
            )
        await remember(deed, EventKind.ASSIGNED, shop=shop, facts={"assignee": assignee})
        return await uow.discrepancies.get(deed.discrepancy_id)
