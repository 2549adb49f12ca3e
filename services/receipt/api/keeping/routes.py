"""For accountants: what did not fit in the keeping of receipts, holds, and whose time is over."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from services.receipt.api.dependencies import READ
from services.receipt.api.keeping.schemas import (
    ExpiredBody,
    KeepingFindingBody,
    LegalHoldBody,
    PlaceHoldBody,
)
from services.receipt.api.keeping.tools import KEEP, KeepingToolsDep
from services.receipt.api.outside.schemas import ClosingBody
from services.receipt.domain.keeping.finding import KeepingState
from services.receipt.ports.keeping import FindingFilter, HoldFilter
from services.receipt.use_cases.keeping.expire import list_expired
from services.receipt.use_cases.keeping.hold import list_holds, place_hold, release_hold
from services.receipt.use_cases.keeping.settle_findings import (
    close_keeping_finding,
    list_keeping_findings,
)

router = APIRouter(prefix="/v1", tags=["keeping"])


@router.get("/keeping-findings")
async def get_keeping_findings(
    caller: CallerDep,
    tools: KeepingToolsDep,
    state: Annotated[
        KeepingState | None, Query(description="Without it, all that were ever found.")
    ] = None,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[KeepingFindingBody]:
    """What did not fit, the latest first: of the caller's agencies, and what is of none."""
    require(caller, READ)
    wanted = FindingFilter(
        state=state,
        agencies=Reach.of_officer(caller).agencies,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_keeping_findings(wanted, open_keeping=tools.open_reading)
    return Page(
        items=[KeepingFindingBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/keeping-findings/{finding_id}/closing")
async def post_keeping_closing(
    finding_id: UUID, body: ClosingBody, caller: CallerDep, tools: KeepingToolsDep
) -> KeepingFindingBody:
    """Say how it was settled. The first word stands; what is found again is a new finding."""
    require(caller, KEEP)
    closed = await close_keeping_finding(
        finding_id,
        by=caller.subject,
        note=body.note,
        reach=Reach.of_officer(caller),
        open_keeping=tools.open_keeping,
        clock=tools.clock,
    )
    return KeepingFindingBody.of(closed)


@router.get("/legal-holds")
async def get_legal_holds(
    caller: CallerDep,
    tools: KeepingToolsDep,
    released: Annotated[bool, Query(description="Also those that were released.")] = False,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[LegalHoldBody]:
    """The holds on receipts of the caller's agencies, the latest first."""
    require(caller, READ)
    wanted = HoldFilter(
        released=released,
        agencies=Reach.of_officer(caller).agencies,
        before=cursor,
        limit=limit + 1,
    )
    found = await list_holds(wanted, open_keeping=tools.open_reading)
    return Page(
        items=[LegalHoldBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("/legal-holds", status_code=status.HTTP_201_CREATED)
async def post_legal_hold(
    body: PlaceHoldBody, caller: CallerDep, tools: KeepingToolsDep
) -> LegalHoldBody:
    """From the answer on nothing that it covers is removed, until another person releases it."""
    require(caller, KEEP)
    hold = await place_hold(
        body.wanted(by=caller.subject),
        reach=Reach.of_officer(caller),
        archive=tools.archive,
        open_keeping=tools.open_keeping,
        clock=tools.clock,
        ids=tools.ids,
    )
    return LegalHoldBody.of(hold)


@router.post("/legal-holds/{hold_id}/release")
async def post_release(
    hold_id: UUID, body: ClosingBody, caller: CallerDep, tools: KeepingToolsDep
) -> LegalHoldBody:
    """By somebody else than who placed it. Other holds on the same receipts go on."""
    require(caller, KEEP)
    released = await release_hold(
        hold_id,
        by=caller,
        note=body.note,
        reach=Reach.of_officer(caller),
        open_keeping=tools.open_keeping,
        clock=tools.clock,
    )
    return LegalHoldBody.of(released)


@router.get("/expired-receipts")
async def get_expired_receipts(
    caller: CallerDep,
    tools: KeepingToolsDep,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[ExpiredBody]:
    """Receipts that need not be kept any longer and still are, and whether a hold keeps them."""
    require(caller, READ)
    found = await list_expired(
        Reach.of_officer(caller),
        after=cursor,
        limit=limit + 1,
        open_keeping=tools.open_reading,
        clock=tools.clock,
    )
    return Page(
        items=[ExpiredBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].receipt_id) if len(found) > limit else None,
    )
