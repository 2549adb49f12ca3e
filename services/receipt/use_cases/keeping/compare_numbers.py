"""Whether every number that was drawn still has its receipt, as the signed books say it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.keeping import OpenKeeping

PAGE: Final = 1000
BOOKS_PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFault:
    series: ReceiptSeries
    number: int
    why: str


async def each_number_fault(*, open_keeping: OpenKeeping) -> AsyncIterator[NumberFault]:
    """Numbers that no receipt has, and receipts that are not those of the books."""
    async with open_keeping() as keeping:
        every = await keeping.numbers.list_series()
    for series, last in every:
        async for fault in _missing(series, last, open_keeping):
            yield fault
        async for book in each_book(series, open_keeping=open_keeping):
            for fault in await _against_book(book, open_keeping):
                yield fault


async def each_book(
    series: ReceiptSeries, *, open_keeping: OpenKeeping
) -> AsyncIterator[NumberBook]:
    after = 0
    while True:
        async with open_keeping() as keeping:
            books = await keeping.numbers.list_books(series, after=after, limit=BOOKS_PAGE)
        for book in books:
            yield book
            after = book.last
        if len(books) < BOOKS_PAGE:
            return


async def _missing(
    series: ReceiptSeries, last: int, open_keeping: OpenKeeping
) -> AsyncIterator[NumberFault]:
    expected = 1
    while True:
        async with open_keeping() as keeping:
            page = await keeping.numbers.list_numbers(series, after=expected - 1, limit=PAGE)
        for one in page:
            for number in range(expected, one.number):
                yield NumberFault(series=series, number=number, why="no receipt has this number")
            expected = one.number + 1
        if len(page) < PAGE:
            break
    for number in range(expected, last + 1):
        yield NumberFault(series=series, number=number, why="no receipt has this number")


async def _against_book(book: NumberBook, open_keeping: OpenKeeping) -> Sequence[NumberFault]:
    async with open_keeping() as keeping:
        found = await keeping.numbers.list_numbers(
            book.series, after=book.first - 1, limit=book.count
        )
    digests: Mapping[int, str | None] = {one.number: one.xml_sha256 for one in found}
    faults: list[NumberFault] = []
    for line in map(json.loads, book.content.splitlines()[1:-1]):
        number = line["number"]
        if number in digests and digests[number] != line["xml_sha256"]:
            why = f"it is not the receipt that the book of {book.day} signed"
            faults.append(NumberFault(series=book.series, number=number, why=why))
    return faults
