from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import UNRESOLVED
from services.payment.domain.discrepancies.worklist import SYSTEM, EventKind, Resolution
from services.payment.use_cases.discrepancies.close_case import close_case
from services.payment.use_cases.discrepancies.work_on_case import Workshop, remember_ourselves


async def resolve_as_refunded(discrepancy_id: UUID, refund_id: UUID, *, shop: Workshop) -> None:
    """Inside a running transaction: a refund of the case has succeeded. With nothing of its money
    left the case is resolved; else what came back is noted, and the rest waits on."""
    case = await shop.uow.discrepancies.get_for_update(discrepancy_id)
    facts = {"refund_id": str(refund_id), "held_minor_units": case.held.minor_units}
    if case.held.minor_units == 0 and case.status in UNRESOLVED:
        await close_case(case, Resolution.REFUNDED, by=SYSTEM, shop=shop)
        await remember_ourselves(case.id, EventKind.RESOLVED, shop=shop, facts=facts)
    else:
        await remember_ourselves(case.id, EventKind.NOTED, shop=shop, facts=facts)
