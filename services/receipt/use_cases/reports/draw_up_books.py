"""The number books of the days that are over; what does not fit is said, never signed."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import structlog

from chassis.canonical import sha256_hex
from chassis.clock import Clock, vietnam_date
from chassis.errors import Refused
from services.receipt.domain.checks.shown_standing import standing_of
from services.receipt.domain.reports.errors import BookRefused
from services.receipt.domain.reports.number_book import (
    BookLine,
    NumberBook,
    SignedFacts,
    UnsignedBook,
)
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.reports import BookRow, BookSigner, OriginalReader, Reporting

# A number drawn just before midnight may be committed and signed a little later.
GRACE: Final = timedelta(minutes=10)
PAGE: Final = 500
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTools:
    open_reporting: Callable[[], Reporting]
    signer: BookSigner
    originals: OriginalReader
    clock: Clock


async def draw_up_books(*, tools: BookTools) -> Sequence[ReceiptSeries]:
    """Every series by itself; says which of them were refused."""
    async with tools.open_reporting() as reporting:
        waiting = await reporting.books.list_series()
    refused = []
    for series in waiting:
        try:
            await draw_up_book(series, tools=tools)
        except Refused as refusal:
            refused.append(series)
            log.error(
                "number book refused",
                agency_code=series.agency_code,
                symbol=series.symbol,
                code=refusal.code,
                why=str(refusal),
            )
    return refused


async def draw_up_book(series: ReceiptSeries, *, tools: BookTools) -> Sequence[NumberBook]:
    """One for each day that is over and has none. Of two that draw up the same, one's is kept."""
    made: list[NumberBook] = []
    over = vietnam_date(tools.clock.now() - GRACE)
    while (unsigned := await _next(series, over, tools)) is not None:
        async with tools.open_reporting() as reporting:
            body = await reporting.bodies.find(series.agency_code, on=unsigned.day)
        if body is None:
            raise BookRefused(series.symbol, f"nobody is published to collect on {unsigned.day}")
        content = unsigned.content(body)
        # Signed outside the transaction: a signer may take its time.
        signature = await tools.signer.sign(content, agency_code=series.agency_code)
        book = unsigned.signed(content, signature)
        async with tools.open_reporting() as reporting:
            if await reporting.books.add_once(book):
                made.append(book)
    return made


async def _next(series: ReceiptSeries, over: date, tools: BookTools) -> UnsignedBook | None:
    """The first day without a book, if it is over (it lies before `over`)."""
    async with tools.open_reporting() as reporting:
        previous = await reporting.books.find_last(series)
        expected = previous.last + 1 if previous else 1
        lines: list[BookLine] = []
        async for row in _rows(series, expected - 1, reporting):
            # Also of the first number behind the day: else the day's last might be missing.
            if row.receipt.number.number != expected:
                raise BookRefused(series.symbol, f"number {expected} is missing")
            day = vietnam_date(row.receipt.numbered_at)
            if day >= over or (lines and day != vietnam_date(lines[0].numbered_at)):
                break
            lines.append(_line(series, row, tools.originals))
            expected += 1
    if not lines:
        return None
    day = vietnam_date(lines[0].numbered_at)
    if previous is not None and day <= previous.day:
        raise BookRefused(series.symbol, f"number {lines[0].number} is of a day that has its book")
    return UnsignedBook(
        series=series, day=day, previous=previous, lines=lines, drawn_up_at=tools.clock.now()
    )


async def _rows(series: ReceiptSeries, after: int, reporting: Reporting) -> AsyncIterator[BookRow]:
    # Read first: every number up to it was committed by then, so none may be missing below.
    upto = await reporting.entries.last_number(series)
    while page := await reporting.entries.list_numbers(series, after=after, upto=upto, limit=PAGE):
        for row in page:
            yield row
        after = page[-1].receipt.number.number
    if after < upto:
        raise BookRefused(series.symbol, f"numbers {after + 1} to {upto} are missing")


def _line(series: ReceiptSeries, row: BookRow, originals: OriginalReader) -> BookLine:
    """What the signed original says; its row may say nothing else."""
    receipt, number = row.receipt, row.receipt.number.number
    if row.original is None or receipt.xml_sha256 is None:
        raise BookRefused(series.symbol, f"number {number} is not signed yet")
    signed = originals.read(row.original)
    kept = SignedFacts(
        form_code=series.form_code, symbol=series.symbol, number=number, amount=row.row_amount
    )
    same = sha256_hex(row.original) == receipt.xml_sha256 and signed == kept
    if not same or receipt.amount.minor_units != row.row_amount:
        raise BookRefused(series.symbol, f"number {number} differs from its signed original")
    return BookLine(
        number=number,
        kind=receipt.kind.value,
        amount=row.row_amount,
        standing=standing_of(receipt).value,
        numbered_at=receipt.numbered_at,
        xml_sha256=receipt.xml_sha256,
    )
