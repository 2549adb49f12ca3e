"""Our books held against the issuer's, day by day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from deploy.sandbox_issuers.book import State
from tests.receipt.outside.town import VIETTEL, VNPT, Town


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_books_that_agree_give_no_finding_and_are_compared_for_a_week(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    await outside.pay(fee=outside.fee(issuer))
    await outside.ask(issuer)
    assert await outside.check(issuer) == 0, "not at once"

    days = 0
    for _ in range(10):
        clock.advance(timedelta(days=1))
        days += await outside.check(issuer)

    assert days == 7
    assert await outside.findings() == []


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_a_number_that_the_issuer_gave_to_another_key_is_found(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    await outside.pay(fee=outside.fee(issuer))
    await outside.ask(issuer)
    desk = outside.desks[issuer]
    (theirs,) = desk.book.list_of(issuer)
    desk.book.put(replace(theirs, number=9))

    await _next_day(outside, clock, issuer)
    await _next_day(outside, clock, issuer)

    assert await outside.findings() == [("number_differs", True)]


async def test_another_amount_in_the_issuers_book_is_found(
    outside: Town, clock: FrozenClock
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    outside.tell(Mode.WRONG_AMOUNT, "listInvByCusFkey")

    await _next_day(outside, clock)

    assert await outside.findings() == [("amount_differs", True)]


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_what_the_issuer_cancelled_without_us_is_found(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    await outside.pay(fee=outside.fee(issuer))
    await outside.ask(issuer)
    desk = outside.desks[issuer]
    (theirs,) = desk.book.list_of(issuer)
    desk.book.put(replace(theirs, state=State.CANCELLED))

    await _next_day(outside, clock, issuer)

    assert await outside.findings() == [("void_there", True)]


async def test_what_the_issuer_knows_no_more_is_found(outside: Town, clock: FrozenClock) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    desk = outside.desks[VNPT]
    (theirs,) = desk.book.list_of(VNPT)
    desk.book.put(replace(theirs, key="elsewhere"))
    desk.book._connection.execute("DELETE FROM issued WHERE key = ?", (theirs.key,))

    await _next_day(outside, clock)

    assert await outside.findings() == [("not_known_there", True)]


async def test_an_issuer_that_is_silent_is_asked_another_time_and_accuses_nobody(
    outside: Town, clock: FrozenClock
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    outside.tell(Mode.TROUBLE, "listInvByCusFkey")

    await _next_day(outside, clock)
    clock.advance(timedelta(minutes=3))

    assert (await outside.check(), await outside.findings()) == (1, [])


async def test_a_missing_number_is_found_after_an_hour_and_closed_when_it_comes(
    outside: Town, clock: FrozenClock
) -> None:
    late = outside.fee(VNPT)
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    outside.tell(Mode.SILENT, "ImportAndPublishInv")
    await outside.pay(fee=late)
    await outside.ask()
    # The late one's number is taken at the issuer by somebody who does not tell us.
    outside.tell(Mode.SKIP_NUMBER, "ImportAndPublishInv")
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    await outside.check()
    assert await outside.findings() == [], "it may still come"
    clock.advance(timedelta(hours=2))

    await outside.check()
    await outside.check()
    assert await outside.findings() == [("number_missing", True)]
    _give_the_missing_number(outside, await _key_of(outside, "unknown"))
    await outside.ask()
    await outside.check()

    assert [one.number.number for one in await outside.receipts(late)] == [2]
    assert await outside.findings() == [("number_missing", False)]


async def test_a_series_that_others_draw_from_has_no_missing_numbers(
    outside: Town, clock: FrozenClock
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    outside.tell(Mode.SKIP_NUMBER, "ImportAndPublishInv")
    await outside.pay(fee=outside.fee(VNPT))
    await outside.ask()
    clock.advance(timedelta(hours=2))
    issuer = outside.issuers[VNPT]
    object.__setattr__(issuer, "adapter", replace(issuer.adapter, owns_series=False))  # type: ignore[attr-defined]

    await outside.check()

    assert await outside.findings() == []


async def _next_day(outside: Town, clock: FrozenClock, issuer: str = VNPT) -> None:
    clock.advance(timedelta(days=1))
    assert await outside.check(issuer) == 1


async def _key_of(outside: Town, state: str) -> str:
    (key,) = [one.key for one in await outside.orders() if one.state == state]
    return str(key)


def _give_the_missing_number(outside: Town, key: str) -> None:
    desk = outside.desks[VNPT]
    (skipped,) = [one for one in desk.book.list_of(VNPT) if one.number == 2]
    desk.book.put(replace(skipped, key=key))
