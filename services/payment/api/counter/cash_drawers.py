from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, status

from chassis.auth import Caller, CallerDep, MissingScope, require
from chassis.duties import Reach, is_officer
from chassis.idempotency import fingerprint
from chassis.schemas import Page, PageSize
from services.payment.api.counter.fields import CounterForm, CounterKey
from services.payment.api.counter.schemas import (
    CashDrawerBody,
    CashPaymentBody,
    CloseDrawerBody,
    OpenDrawerBody,
    SignOffBody,
)
from services.payment.api.dependencies import READ_SCOPE, Cursor, Tools, ToolsDep
from services.payment.domain.counter.cash_drawer import DrawerStatus
from services.payment.domain.counter.payments import Request
from services.payment.ports.counter import WantedDrawers
from services.payment.use_cases.counter.close_drawer import Counted, close_drawer
from services.payment.use_cases.counter.list_drawers import (
    get_drawer,
    list_drawer_payments,
    list_drawers,
)
from services.payment.use_cases.counter.open_drawer import Opening, open_drawer
from services.payment.use_cases.counter.sign_off_drawer import sign_off_drawer
from services.payment.use_cases.counter.tools import CounterTools

router = APIRouter(prefix="/v1/cash-drawers", tags=["counter"])
COUNTER_SCOPE: Final = "payment.counter"
Officer = Annotated[str | None, Query(max_length=100, description="Whose drawers.")]


def counter_tools(tools: Tools) -> CounterTools:
    return CounterTools(tools.clock, tools.ids)


def asked(caller: Caller, key: str, body: CounterForm, *about: UUID) -> Request:
    """The same key for the same thing and body is the same request."""
    named = {"about": [str(one) for one in about], **body.model_dump(mode="json")}
    return Request(officer=caller.subject, idempotency_key=key, fingerprint=fingerprint(named))


def office_reach(caller: Caller) -> Reach:
    """Counters are looked at by people on duty alone, at their own agencies."""
    if READ_SCOPE not in caller.scopes or not is_officer(caller):
        raise MissingScope(READ_SCOPE)
    return Reach.of_officer(caller)


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_cash_drawer(
    body: OpenDrawerBody, key: CounterKey, caller: CallerDep, tools: ToolsDep
) -> CashDrawerBody:
    """Open a drawer with its float. An officer has one open drawer, and a drawer is used again
    only when its last cash was taken over."""
    require(caller, COUNTER_SCOPE)
    opening = Opening(
        agency_code=body.agency_code,
        desk=body.desk,
        drawer=body.drawer,
        float_given=body.float.to_money(),
    )
    opened = await open_drawer(
        opening,
        asked(caller, key, body),
        caller=caller,
        uow=tools.open_uow(),
        tools=counter_tools(tools),
    )
    return CashDrawerBody.of(opened)


@router.get("")
async def get_cash_drawer_page(
    caller: CallerDep,
    tools: ToolsDep,
    status: DrawerStatus | None = None,
    officer: Officer = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[CashDrawerBody]:
    """The latest first: those of an officer's agencies."""
    wanted = WantedDrawers(
        reach=office_reach(caller),
        status=status,
        officer=officer,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_drawers(wanted, reading=tools.open_reading())
    return Page(
        items=[CashDrawerBody.of(drawer) for drawer in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{drawer_id}")
async def get_cash_drawer(drawer_id: UUID, caller: CallerDep, tools: ToolsDep) -> CashDrawerBody:
    return CashDrawerBody.of(
        await get_drawer(drawer_id, reach=office_reach(caller), reading=tools.open_reading())
    )


@router.get("/{drawer_id}/payments")
async def get_drawer_payments(
    drawer_id: UUID,
    caller: CallerDep,
    tools: ToolsDep,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[CashPaymentBody]:
    """What went into the drawer, the latest first."""
    found = await list_drawer_payments(
        drawer_id,
        reach=office_reach(caller),
        before=cursor,
        limit=limit + 1,
        reading=tools.open_reading(),
    )
    return Page(
        items=[CashPaymentBody.of(payment) for payment in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/{drawer_id}/closing")
async def post_closing(
    drawer_id: UUID, body: CloseDrawerBody, key: CounterKey, caller: CallerDep, tools: ToolsDep
) -> CashDrawerBody:
    """Count the drawer and stop taking money. Another key counts again, until it is signed off."""
    require(caller, COUNTER_SCOPE)
    closing = await close_drawer(
        Counted(drawer_id=drawer_id, amount=body.counted.to_money(), reason=body.reason),
        asked(caller, key, body, drawer_id),
        caller=caller,
        uow=tools.open_uow(),
        tools=counter_tools(tools),
    )
    return CashDrawerBody.of(closing)


@router.post("/{drawer_id}/sign-off")
async def post_sign_off(
    drawer_id: UUID, body: SignOffBody, caller: CallerDep, tools: ToolsDep
) -> CashDrawerBody:
    """Take the counted cash over, as another person; a difference goes to the books. The
    drawer's own state makes a repeat harmless."""
    require(caller, COUNTER_SCOPE)
    closed = await sign_off_drawer(
        drawer_id,
        body.received.to_money(),
        caller=caller,
        uow=tools.open_uow(),
        tools=counter_tools(tools),
    )
    return CashDrawerBody.of(closed)
