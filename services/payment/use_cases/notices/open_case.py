from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.discrepancies.worklist import EventKind
from services.payment.domain.events import PaymentDiscrepancyFoundV1
from services.payment.domain.ledger.transaction import suspense, suspense_taken_back
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.reopen_discrepancy import reopen_discrepancy
from services.payment.use_cases.discrepancies.work_on_case import Workshop, remember_ourselves


async def open_case(found: Discrepancy, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    """Inside a running transaction: put what does not fit on somebody's desk, with its money."""
    await uow.discrepancies.add(found)
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    await remember_ourselves(found.id, EventKind.FOUND, shop=shop, facts={"reason": found.reason})
    if found.holds_money:
        await uow.ledger.post(suspense(found, id=ids.new(), posted_at=clock.now()))
    await uow.outbox.add(PaymentDiscrepancyFoundV1.of(found), subject=str(found.id))


async def supersede_case(discrepancy_id: UUID, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> bool:
    """Inside a running transaction: a case whose provider says otherwise holds money no more.

    False when somebody has acted on it already: then what was done stands.
    """
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    was = await uow.discrepancies.supersede(discrepancy_id)
    if was is None:
        await reopen_discrepancy(discrepancy_id, why="the provider says otherwise", shop=shop)
        return False
    facts = {"was": was.reason}
    await remember_ourselves(discrepancy_id, EventKind.SUPERSEDED, shop=shop, facts=facts)
    await uow.ledger.post(suspense_taken_back(was, id=ids.new(), posted_at=clock.now()))
    return True
