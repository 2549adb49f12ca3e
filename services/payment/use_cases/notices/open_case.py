from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.events import PaymentDiscrepancyFoundV1
from services.payment.domain.ledger.transaction import suspense, suspense_taken_back
from services.payment.ports.unit_of_work import UnitOfWork


async def open_case(found: Discrepancy, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    """Inside a running transaction: put what does not fit on somebody's desk, with its money."""
    await uow.discrepancies.add(found)
    if found.holds_money:
        await uow.ledger.post(suspense(found, id=ids.new(), posted_at=clock.now()))
    await uow.outbox.add(PaymentDiscrepancyFoundV1.of(found), subject=str(found.id))


async def supersede_case(discrepancy_id: UUID, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> bool:
    """Inside a running transaction: a case whose provider says otherwise holds money no more.

    False when somebody has acted on it already: then what was done stands.
    """
    was = await uow.discrepancies.supersede(discrepancy_id)
    if was is None:
        return False
    await uow.ledger.post(suspense_taken_back(was, id=ids.new(), posted_at=clock.now()))
    return True
