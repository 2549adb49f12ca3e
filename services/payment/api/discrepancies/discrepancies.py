from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from chassis.schemas import Page, PageSize
from services.payment.api.csv_rows import CSV, attachment, csv_row
from services.payment.api.dependencies import Cursor, Tools, ToolsDep
from services.payment.api.discrepancies.dependencies import SightDep
from services.payment.api.discrepancies.schemas import CaseBody, DiscrepancyBody
from services.payment.domain.discrepancies.discrepancy import (
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)
from services.payment.ports.discrepancies import CaseFilter
from services.payment.use_cases.discrepancies.get_discrepancy import get_discrepancy
from services.payment.use_cases.discrepancies.list_discrepancies import (
    list_discrepancies,
    stream_discrepancies,
)

router = APIRouter(prefix="/v1/discrepancies", tags=["discrepancies"])
MONEY = frozenset({"expected", "received", "held", "proposed_refund"})
COLUMNS = tuple(name for name in DiscrepancyBody.model_fields if name != "awaiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is narrowed to."""

    reason: Reason | None = None
    status: DiscrepancyStatus | None = None
    owner_role: OwnerRole | None = None
    assignee: Annotated[str | None, Query(max_length=100)] = None
    overdue: bool = False
    agency_code: Annotated[str | None, Query(max_length=50)] = None
    provider: Annotated[str | None, Query(max_length=50)] = None


@router.get("", response_model=Page[DiscrepancyBody], responses=CSV)
async def get_discrepancy_page(
    sight: SightDep,
    tools: ToolsDep,
    asked: Annotated[Asked, Depends()],
    cursor: Cursor = None,
    limit: PageSize = 50,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Page[DiscrepancyBody] | StreamingResponse:
    """The latest first: those of a client's own intents, or of an officer's agencies. As CSV, all
    of them from the cursor on."""
    wanted = CaseFilter(
        sight=sight,
        reason=asked.reason,
        status=asked.status,
        owner_role=asked.owner_role,
        assignee=asked.assignee,
        overdue_at=tools.clock.now() if asked.overdue else None,
        agency_code=asked.agency_code,
        provider=asked.provider,
        before=cursor,
        limit=limit + 1,
    )
    if form == "csv":
        return attachment(_rows(wanted, tools), name="discrepancies.csv")
    found = await list_discrepancies(wanted, reading=tools.open_reading())
    return Page(
        items=[DiscrepancyBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{discrepancy_id}")
async def get_one_discrepancy(discrepancy_id: UUID, sight: SightDep, tools: ToolsDep) -> CaseBody:
    """One case, the word that it is about, and what was done about it."""
    return CaseBody.of_file(
        await get_discrepancy(discrepancy_id, sight=sight, reading=tools.open_reading())
    )


async def _rows(wanted: CaseFilter, tools: Tools) -> AsyncIterator[str]:
    yield csv_row([*_headings()], first=True)
    async for part in stream_discrepancies(wanted, open_reading=tools.open_reading):
        yield "".join(csv_row(_cells(DiscrepancyBody.of(one))) for one in part)


def _headings() -> list[str]:
    return [
        heading
        for name in COLUMNS
        for heading in ([f"{name}_minor_units", f"{name}_currency"] if name in MONEY else [name])
    ]


def _cells(body: DiscrepancyBody) -> list[Any]:
    cells: list[Any] = []
    for name in COLUMNS:
        value = getattr(body, name)
        if name in MONEY:
            cells += [None, None] if value is None else [value.amount, value.currency]
        else:
            cells.append(value)
    return cells
