from dataclasses import dataclass
from uuid import UUID

from chassis.duties import OnDuty, require_role
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer
from services.payment.domain.counter.errors import DrawerMoved, NotYourDrawer
from services.payment.domain.counter.payments import Request
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.counter.open_drawer import OFFICER
from services.payment.use_cases.counter.tools import CounterTools


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    drawer_id: UUID
    amount: Money
    reason: str | None


async def close_drawer(
    counted: Counted,
    request: Request,
    *,
    caller: OnDuty,
    uow: UnitOfWork,
    tools: CounterTools,
) -> CashDrawer:
    """End a shift with a count; from here on the drawer takes no money. Counting again before the
    second person has signed replaces the count, and keeps the one before."""
    async with uow:
        drawer = await uow.drawers.get(counted.drawer_id)
        require_role(caller, OFFICER, agency=drawer.agency_code)
        if drawer.officer != caller.subject:
            raise NotYourDrawer
        known = await uow.drawers.find_count(request)
        if known is not None:
            if known != (counted.drawer_id, request.fingerprint):
                raise KeyReused
            return drawer
        closing = drawer.count(
            counted.amount, reason=counted.reason, by=caller.subject, at=tools.clock.now()
        )
        assert closing.last_count is not None
        # The count goes in only beside the very state that it was compared with.
        if not await uow.drawers.save_counted(closing):
            raise DrawerMoved
        if not await uow.drawers.add_count(closing.last_count, request):
            raise DrawerMoved
    return closing
