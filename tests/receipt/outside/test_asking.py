"""One payment, one receipt of the issuer's: over real HTTP, whatever becomes of the answers."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.sealing import BrokenSeal
from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from services.receipt.domain.outside.issue import OutsideIssue
from services.receipt.domain.receipts.receipt import Form, Status
from services.receipt.ports.outside import Outcome, OutsideAnswer
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.use_cases.outside.take_answer import take_answer
from tests.receipt.outside.town import VIETTEL, VNPT, Town
from tests.receipt.samples import BODY, NOON

ISSUERS = pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
PUBLISH = {VNPT: "ImportAndPublishInv", VIETTEL: "createInvoice"}
FIND = {VNPT: "listInvByCusFkey", VIETTEL: "search"}
FILE = {VNPT: "downloadInvFkeyNoPay", VIETTEL: "file"}


@ISSUERS
async def test_a_payment_becomes_the_issuers_receipt(outside: Town, issuer: str) -> None:
    fee = outside.fee(issuer)
    numbered = await outside.pay(fee=fee)
    assert list(numbered) == [], "no number of ours is drawn"
    assert await outside.states() == ["waiting"]

    assert await outside.ask(issuer) == 1

    (receipt,) = await outside.receipts(fee)
    assert (receipt.status, receipt.issuer, receipt.number.number) == (Status.ISSUED, issuer, 1)
    symbols = {VNPT: ("01BLP0-001", "VN-26E", "0000001"), VIETTEL: ("01BLP0-002", "VT26E", "1")}
    series = receipt.number.series
    assert (series.form_code, series.symbol, receipt.number.printed) == symbols[issuer]
    document = await SqlArchive(outside.database).find_document(receipt.id, Form.XML)
    assert document is not None
    assert hashlib.sha256(document.body).hexdigest() == receipt.xml_sha256 == document.sha256
    assert b"not signed by anybody" in document.body
    (event,) = await outside.said()
    assert event["type"] == "receipt.issued.v1"
    assert (event["data"]["number"], event["data"]["symbol"]) == (1, series.symbol)
    assert outside.asked(issuer) == [PUBLISH[issuer], FILE[issuer]]
    assert await outside.states() == ["issued"]


@ISSUERS
async def test_an_answer_lost_after_publishing_is_found_by_key_and_has_one_number(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    outside.tell(Mode.ANSWER_LOST, PUBLISH[issuer], issuer)

    await outside.ask(issuer)
    assert await outside.states() == ["unknown"]
    assert await outside.ask(issuer) == 0, "not before its time"
    clock.advance(timedelta(seconds=2))
    await outside.ask(issuer)

    assert [one.number.number for one in await outside.receipts(fee)] == [1]
    assert outside.their_numbers(issuer) == [1]
    assert outside.asked(issuer).count(PUBLISH[issuer]) == 1


@ISSUERS
async def test_silence_is_no_refusal_and_what_the_issuer_does_not_know_is_ordered_again(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    outside.tell(Mode.SILENT, PUBLISH[issuer], issuer)

    await outside.ask(issuer)
    assert await outside.states() == ["unknown"]
    clock.advance(timedelta(seconds=2))
    await outside.ask(issuer)

    assert outside.asked(issuer) == [PUBLISH[issuer], FIND[issuer], PUBLISH[issuer], FILE[issuer]]
    assert [one.number.number for one in await outside.receipts(fee)] == [1]


async def test_unknown_for_an_hour_it_is_asked_ever_more_rarely_and_ends_by_an_answer_alone(
    outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.TROUBLE, times=1000)

    turns = 0
    for _ in range(720):
        turns += await outside.ask()
        clock.advance(timedelta(seconds=5))
    assert 12 <= turns <= 25
    assert await outside.states() == ["unknown"]
    assert await outside.findings() == []
    outside.tell(Mode.NORMAL)
    clock.advance(timedelta(minutes=5))
    await outside.ask()

    (receipt,) = await outside.receipts(fee)
    # Dated by when it was first asked for, which is also what the issuer was told each time.
    assert (receipt.issued_at or clock.now()) - receipt.numbered_at > timedelta(hours=1)


async def test_a_receipt_whose_file_cannot_be_had_is_not_announced_before_it_can(
    outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.TROUBLE, "downloadInvFkeyNoPay")

    await outside.ask()
    assert (await outside.states(), await outside.said()) == (["unknown"], [])
    clock.advance(timedelta(seconds=2))
    await outside.ask()

    assert [one.number.number for one in await outside.receipts(fee)] == [1]


@ISSUERS
async def test_a_payment_told_many_times_by_many_is_ordered_once(
    outside: Town, issuer: str
) -> None:
    fee, event_id = outside.fee(issuer), uuid4()

    await asyncio.gather(
        *(outside.pay(fee=fee, event_id=event_id if turn % 2 else None) for turn in range(6))
    )
    await asyncio.gather(*(outside.ask(issuer) for _ in range(4)))

    assert await outside.states() == ["issued"]
    assert outside.their_numbers(issuer) == [1]
    assert len(await outside.said()) == 1


async def test_of_a_mixed_payment_every_agency_gets_its_receipt_once(outside: Town) -> None:
    ours = "H19.40"
    async with outside.new_uow() as uow:
        await uow.collecting_bodies.save(replace(BODY, agency_code=ours), published_at=NOON)
    fee = outside.fee(VNPT, ours, VIETTEL)

    numbered = await outside.pay(fee=fee)
    again = await outside.pay(fee=fee)
    await asyncio.gather(outside.ask(VNPT), outside.ask(VIETTEL))
    await asyncio.gather(outside.ask(VNPT), outside.ask(VIETTEL))

    assert [one.number.series.agency_code for one in numbered] == [ours]
    assert [one.id for one in again] == [one.id for one in numbered]
    receipts = await outside.receipts(fee)
    assert [(one.issuer, one.part, one.parts) for one in receipts] == [
        (VNPT, 1, 3),
        (VIETTEL, 2, 3),
        (None, 3, 3),
    ]
    assert (outside.their_numbers(VNPT), outside.their_numbers(VIETTEL)) == ([1], [1])


async def test_one_who_dies_asking_gives_the_order_back_and_the_next_looks_first(
    outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    taken = await take_up(outside, clock, lasting=timedelta(minutes=3))
    assert (taken.tries, await outside.ask()) == (1, 0)

    clock.advance(timedelta(minutes=2))
    await outside.ask()

    assert outside.asked()[0] == "listInvByCusFkey"
    assert [one.number.number for one in await outside.receipts(fee)] == [1]


async def test_an_answer_that_comes_after_somebody_else_took_over_changes_nothing(
    outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.DELAY, "ImportAndPublishInv", seconds=0.3)

    late = asyncio.create_task(outside.ask())
    while outside.asked() == []:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    clock.advance(timedelta(minutes=2))
    await outside.ask()
    await late

    assert (await outside.states(), outside.their_numbers()) == (["issued"], [1])
    assert len(await outside.said()) == 1


async def test_what_a_lapsed_asker_hears_is_left_to_the_one_who_took_over(
    outside: Town, clock: FrozenClock
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    lapsed, _mine = [await take_up(outside, clock) for _ in range(2)]

    refused = OutsideAnswer(outcome=Outcome.REFUSED, code="ERR:3")
    await take_answer(lapsed, BODY, refused, None, tools=outside.tools)

    assert (await outside.states(), await outside.findings()) == (["asked"], [])


async def test_one_order_that_cannot_be_opened_keeps_no_other_receipt_back(
    outside: Town, clock: FrozenClock
) -> None:
    broken, whole = outside.fee(VNPT), outside.fee(VNPT)
    await outside.pay(fee=broken)
    await outside.pay(fee=whole)
    first = (await outside.orders())[0]
    async with outside.new_uow() as uow:
        order = await uow.outside.get_for_update(first.id)
        await uow.outside.save(replace(order, payer_sealed="broken"))

    with pytest.raises(BrokenSeal):
        await outside.ask()

    assert sorted(await outside.states()) == ["asked", "issued"]


async def test_many_payments_at_once_have_the_numbers_of_one_series(outside: Town) -> None:
    fees = [outside.fee(VNPT) for _ in range(40)]
    await asyncio.gather(*(outside.pay(fee=fee) for fee in fees))

    while await outside.ask():
        continue

    numbers = sorted(one.number.number for one in await outside.receipts(*fees))
    assert numbers == list(range(1, 41)) == sorted(outside.their_numbers())


async def take_up(
    outside: Town, clock: FrozenClock, *, lasting: timedelta = timedelta(minutes=1)
) -> OutsideIssue:
    """By somebody who is not heard of again; two minutes later."""
    now = clock.now()
    async with outside.new_uow() as uow:
        (taken,) = await uow.outside.claim_due(VNPT, now=now, until=now + lasting, limit=5)
    clock.advance(timedelta(minutes=2))
    return taken
