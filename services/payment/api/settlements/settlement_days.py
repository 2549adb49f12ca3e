from uuid import UUID

from fastapi import APIRouter, status

from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, Tools, ToolsDep
from services.payment.api.settlements.access import AccountantOfAllDep, ReaderOfAllDep
from services.payment.api.settlements.schemas import (
    DayOfProviderBody,
    ProviderName,
    RunBody,
    SettlementDayBody,
)
from services.payment.use_cases.settlements.close_settlement_day import (
    CloseTools,
    close_settlement_day,
)
from services.payment.use_cases.settlements.list_settlement_files import list_settlement_days
from services.payment.use_cases.settlements.reconcile_provider import (
    ReconcileTools,
    reconcile_provider,
)

router = APIRouter(tags=["settlements"])


@router.post("/v1/settlement-runs")
async def post_settlement_run(
    body: DayOfProviderBody, _caller: AccountantOfAllDep, tools: ToolsDep
) -> RunBody:
    """Compare a provider's day with the books, as often as files or payments come late."""
    run = await reconcile_provider(
        body.provider,
        body.on,
        tools=ReconcileTools(
            agreements=tools.settlements.agreements,
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
            grace=tools.settlements.grace,
        ),
    )
    return RunBody.of(run)


@router.post("/v1/settlement-days", status_code=status.HTTP_201_CREATED)
async def post_settlement_day(
    body: DayOfProviderBody, caller: AccountantOfAllDep, tools: ToolsDep
) -> SettlementDayBody:
    """Close a provider's day. A day is closed once: asking again gives the day as it was closed."""
    day = await close_settlement_day(
        body.provider, body.on, closed_by=caller.subject, tools=_close_tools(tools)
    )
    return SettlementDayBody.of(day)


@router.get("/v1/settlement-days")
async def get_settlement_day_page(
    _reach: ReaderOfAllDep,
    tools: ToolsDep,
    provider: ProviderName | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[SettlementDayBody]:
    """The last closed first."""
    found = await list_settlement_days(
        provider, before=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    last: UUID | None = found[limit - 1].id if len(found) > limit else None
    return Page(
        items=[SettlementDayBody.of(one) for one in found[:limit]],
        next_cursor=str(last) if last else None,
    )


def _close_tools(tools: Tools) -> CloseTools:
    return CloseTools(
        agreements=tools.settlements.agreements,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
