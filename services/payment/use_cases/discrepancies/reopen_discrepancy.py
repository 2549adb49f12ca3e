from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import HANDLING
from services.payment.domain.discrepancies.worklist import EventKind
from services.payment.use_cases.discrepancies.work_on_case import Workshop, remember_ourselves


async def reopen_discrepancy(discrepancy_id: UUID, *, why: str, shop: Workshop) -> bool:
    """Inside a running transaction: facts contradict how a case was resolved, so a person must
    look again, with a new deadline. No money moves. False when it was not resolved."""
    case = await shop.uow.discrepancies.get(discrepancy_id)
    due_at = shop.clock.now() + HANDLING[case.reason].within
    if not await shop.uow.discrepancies.save_reopened(discrepancy_id, due_at=due_at):
        return False
    facts = {"was": case.resolution}
    await remember_ourselves(discrepancy_id, EventKind.REOPENED, shop=shop, note=why, facts=facts)
    return True
