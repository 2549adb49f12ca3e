"""Number books: drawn up by themselves after midnight, proved by `lephi verify`."""

from datetime import date
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page
from services.receipt.api.dependencies import READ
from services.receipt.api.reports.schemas import NumberBookBody
from services.receipt.api.reports.tools import REPORT, ReportToolsDep, as_file, each, whole
from services.receipt.domain.reports.period import Days
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.reports.draw_up_books import draw_up_book
from services.receipt.use_cases.reports.read_reports import (
    get_body,
    get_book,
    lines_of_book,
    list_books,
    require_reach,
)

router = APIRouter(prefix="/v1", tags=["receipt-reports"])

COLUMNS: Final = ("number", "kind", "amount", "standing", "numbered_at", "xml_sha256")
FileName = Literal["book.jsonl", "book.csv", "book.xlsx", "book.pdf"]


class SeriesBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agency_code: str = Field(min_length=1, max_length=32)
    form_code: str = Field(min_length=1, max_length=20)
    symbol: str = Field(min_length=1, max_length=25)

    def to_series(self) -> ReceiptSeries:
        return ReceiptSeries(
            agency_code=self.agency_code, form_code=self.form_code, symbol=self.symbol
        )


async def _series(
    agency: Annotated[str, Query(max_length=32)],
    form_code: Annotated[str, Query(max_length=20)],
    symbol: Annotated[str, Query(max_length=25)],
) -> ReceiptSeries:
    return ReceiptSeries(agency_code=agency, form_code=form_code, symbol=symbol)


@router.get("/number-books")
async def get_number_books(
    caller: CallerDep,
    tools: ReportToolsDep,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> Page[NumberBookBody]:
    """All of these days, so the list is whole: a year at most."""
    require(caller, READ)
    books = await list_books(
        Reach.of_officer(caller), Days(first, last), open_reporting=tools.open_reading
    )
    return Page(items=[NumberBookBody.of(one) for one in books])


@router.post("/number-books")
async def post_number_books(
    body: SeriesBody, caller: CallerDep, tools: ReportToolsDep
) -> Page[NumberBookBody]:
    """Draw up what is missing of a series, or learn why it is refused. A repeat makes nothing
    more: each day has one book."""
    require(caller, REPORT)
    require_reach(Reach.of_officer(caller), body.agency_code)
    made = await draw_up_book(body.to_series(), tools=tools.books)
    return Page(items=[NumberBookBody.of(one) for one in made])


@router.get("/number-book-files/{name}", response_class=StreamingResponse)
async def get_number_book_file(
    name: FileName,
    caller: CallerDep,
    tools: ReportToolsDep,
    series: Annotated[ReceiptSeries, Depends(_series)],
    day: date,
) -> StreamingResponse:
    """`jsonl` is the signed book itself; the others are for reading. Books put one after the other
    are a chain that is proved as one."""
    require(caller, READ)
    book = await get_book(
        series,
        day,
        reach=Reach.of_officer(caller),
        open_reporting=tools.open_reading,
    )
    ending = name.partition(".")[2]
    file = f"so-bien-lai-{series.symbol}-{day}.{ending}"
    if ending == "jsonl":
        return as_file(file, "application/jsonl", whole(book.content))
    if ending == "pdf":
        body = await get_body(series.agency_code, day, open_reporting=tools.open_reading)
        pages = await tools.pages.book(book, lines_of_book(book), body)
        return as_file(file, "application/pdf", whole(pages))
    lines = [
        (
            one["number"],
            one["kind"],
            int(one["amount"]),
            one["standing"],
            one["numbered_at"],
            one["xml_sha256"],
        )
        for one in lines_of_book(book)
    ]
    writer = tools.writers[ending]
    return as_file(file, writer.media_type, writer.write(COLUMNS, each(lines)))
