from uuid import UUID

from chassis.duties import OnDuty, require_another_person, require_role
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer, DrawerStatus
from services.payment.domain.counter.errors import DrawerMoved
from services.payment.domain.ledger.counter import handed_over
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.counter.tools import CounterTools

ACCOUNTANT = "accountant"


async def sign_off_drawer(
    drawer_id: UUID,
    received: Money,
    *,
    caller: OnDuty,
    uow: UnitOfWork,
    tools: CounterTools,
) -> CashDrawer:
    """The second person takes the cash over; a difference goes to the books with it.

    Signing again by the same person, for the same sum, is answered the same.
    """
    async with uow:
        drawer = await uow.drawers.get(drawer_id)
        require_role(caller, ACCOUNTANT, agency=drawer.agency_code)
        require_another_person(asked_by=drawer.officer, decided_by=caller)
        if _is_repeat(drawer, received, caller):
            return drawer
        now = tools.clock.now()
        closed = drawer.sign_off(received, by=caller.subject, at=now)
        if not await uow.drawers.save_closed(closed):
            raise DrawerMoved
        posting = handed_over(closed, id=tools.ids.new(), posted_at=now)
        if posting is not None:
            await uow.ledger.post(posting)
    return closed


def _is_repeat(drawer: CashDrawer, received: Money, caller: OnDuty) -> bool:
    counted = drawer.last_count.counted if drawer.last_count else None
    return (
        drawer.status is DrawerStatus.CLOSED
        and drawer.signed_by == caller.subject
        and counted == received
    )
