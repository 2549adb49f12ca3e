"""For accountants: receipts of outside issuers that are not there yet, and what does not fit."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from chassis.auth import CallerDep
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from services.receipt.api.dependencies import ToolsDep
from services.receipt.api.outside.schemas import (
    AskAgainBody,
    ClosingBody,
    OutsideFindingBody,
    OutsideIssueBody,
)
from services.receipt.domain.outside.issue import OrderState
from services.receipt.domain.receipts.fee import PAYER_PURPOSE
from services.receipt.ports.outside import FindingFilter, IssueFilter
from services.receipt.use_cases.outside.ask_again import Retry, ask_again
from services.receipt.use_cases.outside.close_finding import close_finding
from services.receipt.use_cases.outside.look_outside import (
    list_outside_findings,
    list_outside_issues,
)

router = APIRouter(prefix="/v1", tags=["outside-issuers"])


@router.get("/outside-issues")
async def get_outside_issues(
    caller: CallerDep,
    tools: ToolsDep,
    state: OrderState | None = None,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[OutsideIssueBody]:
    """What outside issuers were asked for by the caller's agencies, the latest first."""
    wanted = IssueFilter(
        state=state,
        agencies=Reach.of_officer(caller).agencies,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_outside_issues(wanted, uow=tools.new_uow())
    return Page(
        items=[OutsideIssueBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/outside-issues/{issue_id}/retry")
async def post_retry(
    issue_id: UUID, body: AskAgainBody, caller: CallerDep, tools: ToolsDep
) -> OutsideIssueBody:
    """Ask again for what was refused or is in dispute, once that is mended. It goes under the same
    key, so what was issued after all is found. What waits for nobody is shown as it stands."""
    sealed = None
    if body.payer is not None:
        sealed = tools.seals.seal(body.payer.to_secret(), purpose=PAYER_PURPOSE)
    again = await ask_again(
        Retry(issue_id=issue_id, by=caller.subject, payer_sealed=sealed),
        reach=Reach.of_officer(caller),
        uow=tools.new_uow(),
        clock=tools.clock,
    )
    return OutsideIssueBody.of(again)


@router.get("/outside-findings")
async def get_outside_findings(
    caller: CallerDep,
    tools: ToolsDep,
    closed: Annotated[bool, Query(description="Also those that were settled.")] = False,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[OutsideFindingBody]:
    """What does not fit between our books and the issuers', the latest first."""
    wanted = FindingFilter(
        open_only=not closed,
        agencies=Reach.of_officer(caller).agencies,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_outside_findings(wanted, uow=tools.new_uow())
    return Page(
        items=[OutsideFindingBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/outside-findings/{finding_id}/closing")
async def post_closing(
    finding_id: UUID, body: ClosingBody, caller: CallerDep, tools: ToolsDep
) -> OutsideFindingBody:
    """Say how it was settled. The first word stands; what is found again is a new finding."""
    closed = await close_finding(
        finding_id,
        by=caller.subject,
        note=body.note,
        reach=Reach.of_officer(caller),
        uow=tools.new_uow(),
        clock=tools.clock,
    )
    return OutsideFindingBody.of(closed)
