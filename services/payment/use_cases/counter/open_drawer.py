from dataclasses import dataclass

from chassis.duties import OnDuty, require_role
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashDrawer
from services.payment.domain.counter.errors import DrawerAlreadyOpen
from services.payment.domain.counter.payments import Request
from services.payment.domain.ledger.counter import float_out
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.counter.tools import CounterTools

OFFICER = "counter-officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    agency_code: str
    desk: str
    drawer: str
    float_given: Money


async def open_drawer(
    opening: Opening,
    request: Request,
    *,
    caller: OnDuty,
    uow: UnitOfWork,
    tools: CounterTools,
) -> CashDrawer:
    """Begin a shift: one open drawer for an officer, and one for a drawer's name."""
    require_role(caller, OFFICER, agency=opening.agency_code)
    now = tools.clock.now()
    drawer = CashDrawer(
        id=tools.ids.new(),
        agency_code=opening.agency_code,
        desk=opening.desk,
        drawer=opening.drawer,
        officer=caller.subject,
        float_given=opening.float_given,
        opened_at=now,
        taken=Money.zero(opening.float_given.currency),
    )
    drawer.check_name()
    async with uow:
        if not await uow.drawers.add_once(drawer, request):
            return await _opened_before(request, uow)
        if drawer.float_given.minor_units:
            await uow.ledger.post(float_out(drawer, id=tools.ids.new(), posted_at=now))
    return drawer


async def _opened_before(request: Request, uow: UnitOfWork) -> CashDrawer:
    known = await uow.drawers.find_request(request)
    if known is None:
        raise DrawerAlreadyOpen
    drawer_id, fingerprint = known
    if fingerprint != request.fingerprint:
        raise KeyReused
    return await uow.drawers.get(drawer_id)
