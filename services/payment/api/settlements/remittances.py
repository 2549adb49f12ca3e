from uuid import UUID

from fastapi import APIRouter, status

from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, ToolsDep
from services.payment.api.settlements.access import AccountantDep, ReaderDep, acting
from services.payment.api.settlements.schemas import (
    ConfirmBody,
    ReasonBody,
    RemittanceBody,
    RemittancesBody,
    SendBody,
)
from services.payment.domain.settlements.remittance import RemittanceStatus
from services.payment.use_cases.settlements.draft_remittances import draft_remittances
from services.payment.use_cases.settlements.list_remittances import list_remittances
from services.payment.use_cases.settlements.move_remittance import (
    approve_remittance,
    cancel_remittance,
    confirm_remittance,
    send_remittance,
)

router = APIRouter(prefix="/v1/remittances", tags=["settlements"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_remittances(caller: AccountantDep, tools: ToolsDep) -> RemittancesBody:
    """Draw up what the caller's agencies owe the State Treasury for closed days.

    What is in an order is in no later one: asking again draws up only what was earned since.
    """
    drafted = await draft_remittances(
        acting=acting(caller), uow=tools.open_uow(), clock=tools.clock, ids=tools.ids
    )
    return RemittancesBody(items=[RemittanceBody.of(one) for one in drafted])


@router.get("")
async def get_remittance_page(
    reach: ReaderDep,
    tools: ToolsDep,
    status: RemittanceStatus | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[RemittanceBody]:
    """The latest first, of the caller's agencies."""
    found = await list_remittances(
        reach, status=status, before=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[RemittanceBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/{remittance_id}/approve")
async def post_approval(
    remittance_id: UUID, caller: AccountantDep, tools: ToolsDep
) -> RemittanceBody:
    """By another person than the one who drew it up."""
    approved = await approve_remittance(
        remittance_id, officer=caller, uow=tools.open_uow(), clock=tools.clock, ids=tools.ids
    )
    return RemittanceBody.of(approved)


@router.post("/{remittance_id}/send")
async def post_sending(
    remittance_id: UUID, body: SendBody, caller: AccountantDep, tools: ToolsDep
) -> RemittanceBody:
    """It was given to the bank, to be paid from this account."""
    sent = await send_remittance(
        remittance_id,
        body.to_account(),
        officer=caller,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return RemittanceBody.of(sent)


@router.post("/{remittance_id}/confirm")
async def post_confirmation(
    remittance_id: UUID, body: ConfirmBody, caller: AccountantDep, tools: ToolsDep
) -> RemittanceBody:
    """The Treasury has it, under this reference of its own."""
    confirmed = await confirm_remittance(
        remittance_id,
        body.treasury_reference,
        officer=caller,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return RemittanceBody.of(confirmed)


@router.post("/{remittance_id}/cancel")
async def post_cancellation(
    remittance_id: UUID, body: ReasonBody, caller: AccountantDep, tools: ToolsDep
) -> RemittanceBody:
    """The amount is the agency's again, and comes into the next order."""
    cancelled = await cancel_remittance(
        remittance_id,
        body.reason,
        officer=caller,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return RemittanceBody.of(cancelled)
