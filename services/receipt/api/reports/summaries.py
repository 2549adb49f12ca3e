"""The summary of a day (01/TH-BLĐT) and the usage of a period (BC26/BLĐT). Nothing is sent."""

from datetime import date
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import CallerDep, require
from chassis.clock import vietnam_date
from chassis.duties import Reach
from chassis.schemas import Page
from services.receipt.api.dependencies import READ
from services.receipt.api.reports.schemas import SeriesUsageBody, SummaryBody
from services.receipt.api.reports.tools import REPORT, ReportToolsDep, as_file, each, whole
from services.receipt.domain.reports.errors import DayIsNotOver
from services.receipt.use_cases.reports.draw_up_summary import draw_up_summary
from services.receipt.use_cases.reports.read_reports import (
    documents_of,
    get_body,
    get_summary,
    list_summary_versions,
    report_usage,
    require_reach,
)

router = APIRouter(prefix="/v1", tags=["receipt-reports"])

DOCUMENTS: Final = (
    *("form_code", "symbol", "printed_number", "kind", "amount"),
    *("standing", "numbered_at", "xml_sha256"),
)
USAGE: Final = (
    *("form_code", "symbol", "opened", "first", "last"),
    *("count", "amount", "cancelled", "replaced"),
)
Agency = Annotated[str, Query(min_length=1, max_length=32)]
Period = Annotated[str, Query(max_length=7, examples=["2026-11", "2026-Q4"])]
SummaryFile = Literal["summary.xml", "summary.csv", "summary.xlsx", "summary.pdf"]
UsageFile = Literal["usage.xml", "usage.csv", "usage.xlsx"]


class DayBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agency_code: str = Field(min_length=1, max_length=32)
    day: date


@router.get("/receipt-summaries")
async def get_receipt_summaries(
    agency: Agency, day: date, caller: CallerDep, tools: ReportToolsDep
) -> Page[SummaryBody]:
    """Every version of a day's summary, the first one first."""
    require(caller, READ)
    versions = await list_summary_versions(
        agency,
        day,
        reach=Reach.of_officer(caller),
        open_reporting=tools.open_reading,
    )
    return Page(items=[SummaryBody.of(one) for one in versions])


@router.post("/receipt-summaries")
async def post_receipt_summary(
    body: DayBody, caller: CallerDep, tools: ReportToolsDep
) -> SummaryBody:
    """Draw it up now. A repeat answers with the same version while nothing of the day changed."""
    require(caller, REPORT)
    require_reach(Reach.of_officer(caller), body.agency_code)
    if body.day > vietnam_date(tools.books.clock.now()):
        raise DayIsNotOver(body.day)
    summary = await draw_up_summary(
        body.agency_code,
        body.day,
        by=caller.subject,
        open_reporting=tools.books.open_reporting,
        clock=tools.books.clock,
    )
    return SummaryBody.of(summary)


@router.get("/receipt-summary-files/{name}", response_class=StreamingResponse)
async def get_receipt_summary_file(
    name: SummaryFile,
    agency: Agency,
    day: date,
    caller: CallerDep,
    tools: ReportToolsDep,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> StreamingResponse:
    """The last version unless one is named. The tags of the XML are our mapping of the form."""
    require(caller, READ)
    summary = await get_summary(
        agency,
        day,
        version,
        reach=Reach.of_officer(caller),
        open_reporting=tools.open_reading,
    )
    ending = name.partition(".")[2]
    file = f"01-TH-BLDT-{agency}-{day}-{summary.version}.{ending}"
    documents = documents_of(summary)
    if ending == "xml":
        return as_file(file, "application/xml", whole(tools.xml.summary(summary, documents)))
    if ending == "pdf":
        body = await get_body(agency, day, open_reporting=tools.open_reading)
        pages = await tools.pages.summary(summary, documents, body)
        return as_file(file, "application/pdf", whole(pages))
    rows = [
        tuple(int(one[name]) if name == "amount" else one[name] for name in DOCUMENTS)
        for one in documents
    ]
    writer = tools.writers[ending]
    return as_file(file, writer.media_type, writer.write(DOCUMENTS, each(rows)))


@router.get("/receipt-usage")
async def get_receipt_usage(
    agency: Agency, period: Period, caller: CallerDep, tools: ReportToolsDep
) -> Page[SeriesUsageBody]:
    require(caller, READ)
    rows = await report_usage(
        agency,
        period,
        reach=Reach.of_officer(caller),
        open_reporting=tools.open_reading,
    )
    return Page(items=[SeriesUsageBody.of(one) for one in rows])


@router.get("/receipt-usage-files/{name}", response_class=StreamingResponse)
async def get_receipt_usage_file(
    name: UsageFile, agency: Agency, period: Period, caller: CallerDep, tools: ReportToolsDep
) -> StreamingResponse:
    require(caller, READ)
    rows = await report_usage(
        agency,
        period,
        reach=Reach.of_officer(caller),
        open_reporting=tools.open_reading,
    )
    ending = name.partition(".")[2]
    file = f"BC26-BLDT-{agency}-{period}.{ending}"
    if ending == "xml":
        return as_file(file, "application/xml", whole(tools.xml.usage(rows)))
    said = [SeriesUsageBody.of(one).model_dump() for one in rows]
    table = [tuple("x" if one[n] is True else one[n] or 0 for n in USAGE) for one in said]
    writer = tools.writers[ending]
    return as_file(file, writer.media_type, writer.write(USAGE, each(table)))
