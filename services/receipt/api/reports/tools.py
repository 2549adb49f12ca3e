from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse

from chassis.ids import Ids
from chassis.ports import SealingPort
from chassis.tables.table import Cell, TableWriter
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.summary import Summary
from services.receipt.domain.reports.usage import SeriesUsage
from services.receipt.use_cases.reports.downloads import Binder, Packer, PackTools
from services.receipt.use_cases.reports.draw_up_books import BookTools
from services.receipt.use_cases.reports.list_entries import OpenReporting

REPORT: Final = "receipt.report"


class WholeReports(Protocol):
    def summary(self, summary: Summary, documents: Sequence[dict[str, Any]]) -> bytes: ...

    def usage(self, rows: Sequence[SeriesUsage]) -> bytes: ...


class PagedReports(Protocol):
    async def book(
        self, book: NumberBook, lines: Sequence[Mapping[str, Any]], body: CollectingBody
    ) -> bytes: ...

    async def summary(
        self, summary: Summary, documents: Sequence[Mapping[str, Any]], body: CollectingBody
    ) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTools:
    """What main.py hands to the routes of reports. `writers` by the ending of a file's name."""

    books: BookTools
    open_reading: OpenReporting
    writers: Mapping[str, TableWriter]
    xml: WholeReports
    pages: PagedReports
    packing: PackTools
    packer: Packer
    binder: Binder
    ids: Ids
    seals: SealingPort


async def _tools(request: Request) -> ReportTools:
    tools: ReportTools = request.app.state.report_tools
    return tools


ReportToolsDep = Annotated[ReportTools, Depends(_tools)]


def as_file(name: str, media_type: str, parts: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(
        parts,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


async def whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def each(rows: Sequence[Sequence[Cell]]) -> AsyncIterator[Sequence[Cell]]:
    for row in rows:
        yield row
