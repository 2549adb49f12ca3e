"""For accountants: the series that an agency's receipts are numbered from."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, status
from fastapi.responses import StreamingResponse

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import PAGE_SIZE_MAX, Page, PageSize
from chassis.tables.table import Cell
from services.receipt.api.dependencies import READ
from services.receipt.api.reports.tools import as_file
from services.receipt.api.series.schemas import (
    ClosingSeriesBody,
    SeriesBody,
    SeriesNameBody,
    SeriesPlanBody,
)
from services.receipt.api.series.tools import SERIES, SeriesRouteTools, SeriesToolsDep
from services.receipt.domain.series.errors import SeriesNotFound
from services.receipt.domain.series.life import SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.series import SeriesFilter
from services.receipt.use_cases.series.close_series import close_series
from services.receipt.use_cases.series.look_at_series import list_series
from services.receipt.use_cases.series.open_series import open_series
from services.receipt.use_cases.series.plan_series import plan_series
from services.receipt.use_cases.series.tools import require_agency

router = APIRouter(prefix="/v1", tags=["receipt-series"])

COLUMNS: Final = (
    *("agency_code", "form_code", "symbol", "year", "face_value", "state", "last_number"),
    *("planned_at", "planned_by", "opened_at", "opened_by"),
    *("closed_at", "closed_by", "closing", "reason"),
)
SEPARATOR: Final = "~"
FileName = Literal["receipt-series.csv", "receipt-series.xlsx", "receipt-series.xml"]


async def _wanted(
    caller: CallerDep,
    agency: Annotated[str | None, Query(max_length=32)] = None,
    year: Annotated[int | None, Query(ge=2000, le=2099)] = None,
    state: SeriesState | None = None,
) -> SeriesFilter:
    require(caller, READ)
    reach = Reach.of_officer(caller)
    agencies = reach.agencies
    if agency is not None:
        require_agency(reach, agency)
        agencies = frozenset({agency})
    return SeriesFilter(agencies=agencies, year=year, state=state, limit=PAGE_SIZE_MAX)


WantedDep = Annotated[SeriesFilter, Depends(_wanted)]


@router.get("/receipt-series")
async def get_receipt_series(
    wanted: WantedDep,
    tools: SeriesToolsDep,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: PageSize = 50,
) -> Page[SeriesBody]:
    """Series of the caller's agencies, by agency, form and symbol."""
    found = await list_series(
        _page(wanted, after=_series_of(cursor) if cursor else None, limit=limit + 1),
        tools=tools.series,
    )
    return Page(
        items=[SeriesBody.of(one) for one in found[:limit]],
        next_cursor=_cursor(found[limit - 1]) if len(found) > limit else None,
    )


@router.get("/receipt-series-files/{name}", response_class=StreamingResponse)
async def get_receipt_series_file(
    name: FileName, wanted: WantedDep, tools: SeriesToolsDep
) -> StreamingResponse:
    """The whole list as a file, written while it is read."""
    writer = tools.writers[name.partition(".")[2]]
    return as_file(name, writer.media_type, writer.write(COLUMNS, _rows(wanted, tools)))


@router.post("/receipt-series", status_code=status.HTTP_201_CREATED)
async def post_receipt_series(
    body: SeriesPlanBody, caller: CallerDep, tools: SeriesToolsDep
) -> SeriesBody:
    """Plan one of this year or the next. It opens by hand, or when its turn comes: with the first
    receipt of its year, or after the series before it is full."""
    require(caller, SERIES)
    require_agency(Reach.of_officer(caller), body.agency_code)
    life = await plan_series(body.to_plan(), by=caller.subject, tools=tools.series)
    return SeriesBody.of(life)


@router.post("/receipt-series/opening")
async def post_opening(
    body: SeriesNameBody, caller: CallerDep, tools: SeriesToolsDep
) -> SeriesBody:
    require(caller, SERIES)
    require_agency(Reach.of_officer(caller), body.agency_code)
    return SeriesBody.of(await open_series(body.to_series(), by=caller.subject, tools=tools.series))


@router.post("/receipt-series/closing")
async def post_closing(
    body: ClosingSeriesBody, caller: CallerDep, tools: SeriesToolsDep
) -> SeriesBody:
    """Nothing is numbered from it any more. Without a planned one to follow, receipts of the agency
    wait until there is one."""
    require(caller, SERIES)
    require_agency(Reach.of_officer(caller), body.agency_code)
    life = await close_series(
        body.to_series(), by=caller.subject, reason=body.reason, tools=tools.series
    )
    return SeriesBody.of(life)


async def _rows(wanted: SeriesFilter, tools: SeriesRouteTools) -> AsyncIterator[Sequence[Cell]]:
    after: ReceiptSeries | None = None
    while True:
        page = _page(wanted, after=after, limit=PAGE_SIZE_MAX)
        found = await list_series(page, tools=tools.series)
        for one in found:
            said = SeriesBody.of(one).model_dump(mode="json")
            yield tuple(said[name] for name in COLUMNS)
        if len(found) < PAGE_SIZE_MAX:
            return
        after = found[-1].series


def _page(wanted: SeriesFilter, *, after: ReceiptSeries | None, limit: int) -> SeriesFilter:
    return SeriesFilter(
        agencies=wanted.agencies, year=wanted.year, state=wanted.state, after=after, limit=limit
    )


def _cursor(life: SeriesLife) -> str:
    one = life.series
    return SEPARATOR.join((one.agency_code, one.form_code, one.symbol))


def _series_of(cursor: str) -> ReceiptSeries:
    parts = cursor.split(SEPARATOR)
    if len(parts) != 3:
        raise SeriesNotFound
    agency_code, form_code, symbol = parts
    return ReceiptSeries(agency_code=agency_code, form_code=form_code, symbol=symbol)
