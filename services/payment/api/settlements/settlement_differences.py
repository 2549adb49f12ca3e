from datetime import date
from uuid import UUID

from fastapi import APIRouter

from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, ToolsDep
from services.payment.api.settlements.access import AccountantDep, ReaderDep, acting
from services.payment.api.settlements.schemas import (
    DifferenceBody,
    DifferenceHistoryBody,
    ProviderName,
    ReasonBody,
    StepBody,
)
from services.payment.domain.settlements.difference import DifferenceKind, DifferenceState
from services.payment.ports.settlements import DifferenceFilter
from services.payment.use_cases.settlements.list_differences import (
    get_difference,
    list_differences,
)
from services.payment.use_cases.settlements.sign_off_difference import sign_off_difference

router = APIRouter(prefix="/v1/settlement-differences", tags=["settlements"])


@router.get("")
async def get_difference_page(
    reach: ReaderDep,
    tools: ToolsDep,
    provider: ProviderName | None = None,
    on: date | None = None,
    kind: DifferenceKind | None = None,
    state: DifferenceState | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[DifferenceBody]:
    """The latest first. What no agency's fee is known to be in is shown to those of all."""
    wanted = DifferenceFilter(
        agencies=reach.agencies, provider=provider, on=on, kind=kind, state=state
    )
    found = await list_differences(
        wanted, before=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[DifferenceBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{difference_id}")
async def get_one_difference(
    difference_id: UUID, reach: ReaderDep, tools: ToolsDep
) -> DifferenceHistoryBody:
    """Both sides as they are, and everything that was seen and said before."""
    found, steps = await get_difference(difference_id, reach=reach, reading=tools.open_reading())
    return DifferenceHistoryBody(
        difference=DifferenceBody.of(found), history=[StepBody.of(step) for step in steps]
    )


@router.post("/{difference_id}/sign-off")
async def post_sign_off(
    difference_id: UUID, body: ReasonBody, caller: AccountantDep, tools: ToolsDep
) -> DifferenceBody:
    """Answer for a difference, with a reason. It opens again only if the facts become others."""
    signed = await sign_off_difference(
        difference_id,
        body.reason,
        acting=acting(caller),
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return DifferenceBody.of(signed)
