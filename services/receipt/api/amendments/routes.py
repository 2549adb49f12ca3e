"""For accountants: receipts that were wrong. One person asks, another one decides."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from services.receipt.api.amendments.schemas import AmendmentBody, AskingBody, RejectionBody
from services.receipt.api.amendments.tools import AMEND, AmendToolsDep
from services.receipt.api.dependencies import READ
from services.receipt.domain.amendments.amendment import AmendmentState
from services.receipt.domain.amendments.errors import AmendmentNotFound
from services.receipt.ports.amendments import AmendmentFilter
from services.receipt.use_cases.amendments.ask_amendment import Asking, ask_amendment
from services.receipt.use_cases.amendments.decide_amendment import (
    approve_amendment,
    reject_amendment,
)
from services.receipt.use_cases.amendments.look_at_amendments import (
    get_amendment,
    list_amendments,
)

router = APIRouter(prefix="/v1", tags=["receipt-amendments"])


@router.post("/receipts/{receipt_id}/amendments", status_code=status.HTTP_201_CREATED)
async def post_amendment(
    receipt_id: UUID, body: AskingBody, caller: CallerDep, tools: AmendToolsDep
) -> AmendmentBody:
    """Ask that the receipt be replaced, adjusted or cancelled; nothing happens to it yet. One
    waits at a time."""
    require(caller, AMEND)
    asking = Asking(
        receipt_id=receipt_id,
        type=body.type,
        reason=body.reason,
        changes=[one.to_change() for one in body.lines],
        payer=body.payer.to_secret() if body.payer else None,
        ground=body.ground,
    )
    asked = await ask_amendment(
        asking, by=caller.subject, reach=Reach.of_officer(caller), tools=tools.amending
    )
    return AmendmentBody.of(asked)


@router.get("/receipt-amendments")
async def get_amendments(
    caller: CallerDep,
    tools: AmendToolsDep,
    state: AmendmentState | None = None,
    receipt_id: UUID | None = None,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[AmendmentBody]:
    """Corrections of the caller's agencies, the latest first."""
    require(caller, READ)
    wanted = AmendmentFilter(
        agencies=Reach.of_officer(caller).agencies,
        state=state,
        receipt_id=receipt_id,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_amendments(wanted, tools=tools.amending)
    return Page(
        items=[AmendmentBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/receipt-amendments/{amendment_id}")
async def get_one_amendment(
    amendment_id: UUID, caller: CallerDep, tools: AmendToolsDep
) -> AmendmentBody:
    require(caller, READ)
    amendment, _ = await get_amendment(
        amendment_id, reach=Reach.of_officer(caller), tools=tools.amending
    )
    return AmendmentBody.of(amendment)


@router.get("/receipt-amendments/{amendment_id}/notice.xml")
async def get_notice(amendment_id: UUID, caller: CallerDep, tools: AmendToolsDep) -> Response:
    """04/SS-CTĐT, to be signed and sent on the tax portal, once the correction is made."""
    require(caller, READ)
    amendment, receipt = await get_amendment(
        amendment_id, reach=Reach.of_officer(caller), tools=tools.amending
    )
    if amendment.notice is None:
        raise AmendmentNotFound
    return Response(
        tools.notice(amendment, receipt, amendment.notice),
        media_type="application/xml",
        headers={"Cache-Control": "private, no-store"},
    )


@router.post("/receipt-amendments/{amendment_id}/approval")
async def post_approval(
    amendment_id: UUID, caller: CallerDep, tools: AmendToolsDep
) -> AmendmentBody:
    """By another person than asked. The correction is numbered at once and signed in a moment; a
    receipt of an outside issuer waits for that issuer (`ordered`)."""
    require(caller, AMEND)
    approved = await approve_amendment(
        amendment_id, officer=caller, reach=Reach.of_officer(caller), tools=tools.amending
    )
    return AmendmentBody.of(approved)


@router.post("/receipt-amendments/{amendment_id}/rejection")
async def post_rejection(
    amendment_id: UUID, body: RejectionBody, caller: CallerDep, tools: AmendToolsDep
) -> AmendmentBody:
    """Also by whoever asked."""
    require(caller, AMEND)
    rejected = await reject_amendment(
        amendment_id,
        officer=caller,
        note=body.note,
        reach=Reach.of_officer(caller),
        tools=tools.amending,
    )
    return AmendmentBody.of(rejected)
