from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.worklist import EventKind
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.work_on_case import (
    Deed,
    Workshop,
    remember,
    take_case,
)


async def note_discrepancy(deed: Deed, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> Discrepancy:
    """Add to the history what somebody found out; also after the case is resolved."""
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    async with uow:
        taken = await take_case(deed, shop=shop)
        if not taken.is_repeat:
            await remember(deed, EventKind.NOTED, shop=shop)
        return taken.case
