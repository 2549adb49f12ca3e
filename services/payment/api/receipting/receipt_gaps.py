from fastapi import APIRouter

from chassis.auth import CallerDep, MissingScope
from chassis.duties import Reach, is_officer
from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import READ_SCOPE, Cursor, ToolsDep
from services.payment.api.receipting.schemas import ReceiptGapBody
from services.payment.domain.receipting.gap import GapReason
from services.payment.ports.receipting import GapFilter
from services.payment.use_cases.receipting.list_receipt_gaps import list_receipt_gaps

router = APIRouter(prefix="/v1/receipt-gaps", tags=["receipt-gaps"])


@router.get("")
async def get_receipt_gaps(
    caller: CallerDep,
    tools: ToolsDep,
    reason: GapReason | None = None,
    closed: bool = False,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[ReceiptGapBody]:
    """Settled fees without their receipts after five seconds, and receipts without a settled fee:
    those of an officer's agencies, the latest first; with `closed`, the closed ones too."""
    if READ_SCOPE not in caller.scopes or not is_officer(caller):
        raise MissingScope(READ_SCOPE)
    wanted = GapFilter(
        reach=Reach.of_officer(caller),
        reason=reason,
        open_only=not closed,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_receipt_gaps(wanted, reading=tools.open_reading())
    return Page(
        items=[ReceiptGapBody.of(gap) for gap in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )
