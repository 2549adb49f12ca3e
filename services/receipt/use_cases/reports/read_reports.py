"""Reports that are there, for those who may see the agency's."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from chassis.duties import Reach
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.reports.errors import ReportNotFound
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.period import Days
from services.receipt.domain.reports.summary import Summary
from services.receipt.domain.reports.usage import SeriesUsage
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.reports.list_entries import OpenReporting


def require_reach(reach: Reach, agency_code: str) -> None:
    """The same refusal as for a report that is not there: whose it is is nobody's to learn."""
    if not reach.covers(client_id=None, agency_code=agency_code):
        raise ReportNotFound


async def list_books(
    reach: Reach, days: Days, *, open_reporting: OpenReporting
) -> Sequence[NumberBook]:
    async with open_reporting() as reporting:
        return await reporting.books.list_page(reach.agencies, days)


async def get_book(
    series: ReceiptSeries, day: date, *, reach: Reach, open_reporting: OpenReporting
) -> NumberBook:
    require_reach(reach, series.agency_code)
    async with open_reporting() as reporting:
        book = await reporting.books.find(series, day)
    if book is None:
        raise ReportNotFound
    return book


async def get_summary(
    agency_code: str,
    day: date,
    version: int | None,
    *,
    reach: Reach,
    open_reporting: OpenReporting,
) -> Summary:
    require_reach(reach, agency_code)
    async with open_reporting() as reporting:
        summary = await reporting.summaries.find(agency_code, day, version)
    if summary is None:
        raise ReportNotFound
    return summary


async def list_summary_versions(
    agency_code: str, day: date, *, reach: Reach, open_reporting: OpenReporting
) -> Sequence[Summary]:
    require_reach(reach, agency_code)
    async with open_reporting() as reporting:
        return await reporting.summaries.list_versions(agency_code, day)


async def report_usage(
    agency_code: str, period: str, *, reach: Reach, open_reporting: OpenReporting
) -> Sequence[SeriesUsage]:
    require_reach(reach, agency_code)
    days = Days.of_period(period)
    async with open_reporting() as reporting:
        return await reporting.entries.list_usage(agency_code, days)


async def get_body(agency_code: str, day: date, *, open_reporting: OpenReporting) -> CollectingBody:
    """As it was published for that day."""
    async with open_reporting() as reporting:
        body = await reporting.bodies.find(agency_code, on=day)
    if body is None:
        raise ReportNotFound
    return body


def documents_of(summary: Summary) -> Sequence[dict[str, Any]]:
    documents: list[dict[str, Any]] = json.loads(summary.content)
    return documents


def lines_of_book(book: NumberBook) -> Sequence[dict[str, Any]]:
    """Without its head and its signature."""
    return [json.loads(one) for one in book.content.splitlines()[1:-1]]
