"""A book of numbers is whole, or there is none; and an outsider can tell."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.receipt.domain.reports.errors import BookRefused
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.use_cases.reports.draw_up_books import draw_up_book, draw_up_books
from tests.receipt.reports.conftest import SERIES, Office


async def three_days(office: Office) -> list[NumberBook]:
    for amounts in ((100_000, 50_000), (20_000,), (1_000, 2_000, 3_000)):
        await office.issue(*amounts)
        office.next_day()
    return list(await draw_up_book(SERIES, tools=office.tools))


async def test_each_day_that_is_over_has_a_book_and_an_outsider_proves_their_chain(
    office: Office,
) -> None:
    books = await three_days(office)

    told = [(one.first, one.last, one.count, one.amount) for one in books]
    assert told == [(1, 2, 2, 150_000), (3, 3, 1, 20_000), (4, 6, 3, 6_000)]
    for raw in (*(one.content for one in books), b"".join(one.content for one in books)):
        verdict = await office.judge(raw)
        assert verdict.valid, verdict
    assert await draw_up_book(SERIES, tools=office.tools) == []


async def test_the_running_day_has_no_book_until_it_has_been_over_for_a_while(
    office: Office,
) -> None:
    await office.issue(100_000)
    assert await draw_up_book(SERIES, tools=office.tools) == []
    # It is just after noon; midnight comes twelve hours later.
    office.clock.advance(timedelta(hours=12, minutes=5))
    assert await draw_up_book(SERIES, tools=office.tools) == []
    office.clock.advance(timedelta(minutes=6))
    assert len(await draw_up_book(SERIES, tools=office.tools)) == 1


async def test_every_changed_byte_of_a_chain_is_found(office: Office) -> None:
    raw = b"".join(one.content for one in await three_days(office))

    for place in range(0, len(raw), 37):
        spoiled = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert not (await office.judge(spoiled)).valid, place


@pytest.mark.parametrize("left_out", [0, 1])
async def test_a_book_taken_out_of_a_chain_or_moved_is_found(office: Office, left_out: int) -> None:
    books = [one.content for one in await three_days(office)]
    without = books[:left_out] + books[left_out + 1 :]

    judged = await office.judge(b"".join(without))
    # Without the first one, the rest is whole and says what is not in it.
    assert judged.valid is (left_out == 0)
    assert any(item.note for item in judged.items) is (left_out == 0)
    assert not (await office.judge(b"".join(books[::-1]))).valid


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_a_number_that_is_missing_refuses_the_book(office: Office, number: int) -> None:
    """Also the last of its day, and the last of all."""
    await office.issue(100_000, 50_000)
    office.next_day()
    await office.issue(1_000, 2_000)
    office.next_day()
    # As somebody with the database in hand would, past the trigger that forbids it.
    hidden = "UPDATE receipt SET number = number + 100 WHERE number = :number"
    await office.spoil(hidden, number=number)

    with pytest.raises(BookRefused, match=f"{number}"):
        await draw_up_book(SERIES, tools=office.tools)
    assert await draw_up_books(tools=office.tools) == [SERIES]
    async with office.tools.open_reporting() as reporting:
        last = await reporting.books.find_last(SERIES)
    assert last is None or last.last < number


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE receipt SET amount_minor_units = amount_minor_units + 1",
        "UPDATE receipt SET xml_sha256 = '" + "0" * 64 + "'",
        "UPDATE receipt SET kind = 'phi'",
    ],
)
async def test_a_row_that_differs_from_its_signed_original_refuses_the_book(
    office: Office, change: str
) -> None:
    await office.issue(100_000, 50_000)
    office.next_day()
    await office.spoil(change)

    with pytest.raises(BookRefused, match="differs"):
        await draw_up_book(SERIES, tools=office.tools)


async def test_a_number_that_is_not_signed_yet_holds_up_the_book_until_it_is(
    office: Office,
) -> None:
    await office.issue(100_000)
    waiting = await office.number(50_000)
    office.next_day()

    with pytest.raises(BookRefused, match="not signed yet"):
        await draw_up_book(SERIES, tools=office.tools)
    await office.sign(waiting)
    (book,) = await draw_up_book(SERIES, tools=office.tools)
    assert (book.first, book.last) == (1, 2)


async def test_of_many_that_draw_up_one_day_one_book_is_kept(office: Office) -> None:
    await office.issue(100_000, 50_000)
    office.next_day()

    made = await asyncio.gather(*(draw_up_book(SERIES, tools=office.tools) for _ in range(6)))

    assert sum(len(one) for one in made) == 1
    async with office.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM number_book"))).scalar() == 1


async def test_a_book_is_never_changed(office: Office) -> None:
    await three_days(office)
    for change in ("UPDATE number_book SET last_number = 9", "DELETE FROM number_book"):
        with pytest.raises(DBAPIError, match="never changes"):
            await office.spoil(change)
