from fastapi import APIRouter

from chassis.auth import CallerDep
from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, ToolsDep, list_reach
from services.payment.api.discrepancies.schemas import DiscrepancyBody
from services.payment.use_cases.discrepancies.list_discrepancies import list_discrepancies

router = APIRouter(prefix="/v1/discrepancies", tags=["discrepancies"])


@router.get("")
async def get_discrepancy_page(
    caller: CallerDep, tools: ToolsDep, cursor: Cursor = None, limit: PageSize = 50
) -> Page[DiscrepancyBody]:
    """The latest first: those of a client's own intents, or of an officer's agencies."""
    found = await list_discrepancies(
        reach=list_reach(caller),
        before=cursor,
        limit=limit + 1,
        reading=tools.open_reading(),
    )
    return Page(
        items=[DiscrepancyBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )
