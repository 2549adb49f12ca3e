"""For accountants: who issues an agency's receipts in its name."""

from uuid import UUID

from fastapi import APIRouter, status

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from services.receipt.api.dependencies import READ
from services.receipt.api.series.schemas import DelegationBody, DelegationDraftBody
from services.receipt.api.series.tools import SERIES, SeriesToolsDep
from services.receipt.domain.series.delegation import Delegation
from services.receipt.ports.series import PaperFilter
from services.receipt.use_cases.series.delegate_issue import delegate_issue, end_delegation
from services.receipt.use_cases.series.look_at_series import list_delegations
from services.receipt.use_cases.series.tools import require_agency

router = APIRouter(prefix="/v1/issue-delegations", tags=["receipt-series"])


@router.get("")
async def get_delegations(
    caller: CallerDep, tools: SeriesToolsDep, cursor: UUID | None = None, limit: PageSize = 50
) -> Page[DelegationBody]:
    """Delegations of the caller's agencies, the latest first."""
    require(caller, READ)
    wanted = PaperFilter(agencies=Reach.of_officer(caller).agencies, before=cursor, limit=limit + 1)
    found = await list_delegations(wanted, tools=tools.series)
    return Page(
        items=[DelegationBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_delegation(
    body: DelegationDraftBody, caller: CallerDep, tools: SeriesToolsDep
) -> DelegationBody:
    """From its first day receipts name both bodies. The tax office has been told three days before
    at the latest, and a notice is posted where people pay."""
    require(caller, SERIES)
    require_agency(Reach.of_officer(caller), body.agency_code)
    delegation = Delegation(
        id=tools.series.ids.new(),
        agency_code=body.agency_code,
        delegate=body.delegate.to_delegate(),
        purpose=body.purpose,
        notified_on=body.notified_on,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        added_at=tools.series.clock.now(),
        added_by=caller.subject,
    )
    return DelegationBody.of(await delegate_issue(delegation, tools=tools.series))


@router.post("/{delegation_id}/end")
async def post_end(delegation_id: UUID, caller: CallerDep, tools: SeriesToolsDep) -> DelegationBody:
    """From tomorrow on the agency issues by itself again."""
    require(caller, SERIES)
    ended = await end_delegation(
        delegation_id,
        by=caller.subject,
        reach=Reach.of_officer(caller),
        tools=tools.series,
    )
    return DelegationBody.of(ended)
