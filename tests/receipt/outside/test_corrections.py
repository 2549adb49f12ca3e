"""Corrections of outside receipts are their issuer's, asked for by a key and done once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from deploy.sandbox_issuers.book import State
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.outside.issue import OutsideIssue, Wanted
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.use_cases.outside.order_correction import (
    Correction,
    order_correction,
    take_correction,
)
from tests.receipt.outside.town import VIETTEL, VNPT, Town
from tests.receipt.samples import SECRET, line

ISSUERS = pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
CORRECT = {
    (VNPT, Wanted.REPLACEMENT): "ReplaceInvoiceAction",
    (VNPT, Wanted.INCREASE): "AdjustInvoiceAction",
    (VNPT, Wanted.DECREASE): "AdjustInvoiceAction",
    (VNPT, Wanted.INFORMATION): "AdjustInvoiceAction",
    (VNPT, Wanted.CANCELLATION): "cancelInv",
    (VIETTEL, Wanted.CANCELLATION): "cancel",
}
BECOMES = {
    Wanted.REPLACEMENT: State.REPLACED,
    Wanted.INCREASE: State.ADJUSTED,
    Wanted.DECREASE: State.ADJUSTED,
    Wanted.INFORMATION: State.ADJUSTED,
}


@ISSUERS
@pytest.mark.parametrize("wanted", sorted(BECOMES))
async def test_a_correction_has_the_issuers_next_number_and_document(
    outside: Town, issuer: str, wanted: Wanted
) -> None:
    original = await issued(outside, issuer)
    amendment_id = await order(outside, original, wanted)
    await order(outside, original, wanted, amendment_id=amendment_id)

    await outside.ask(issuer)

    done = await taken(outside, amendment_id)
    assert done is not None
    assert done.told is not None
    assert done.document is not None
    assert (done.told.number, done.told.symbol) == (2, original.number.series.symbol)
    assert b"Sandbox" in done.document
    assert outside.their_numbers(issuer) == [1, 2]
    assert state_of(outside, issuer, 1) is BECOMES[wanted]


@ISSUERS
async def test_a_correction_whose_answer_is_lost_is_found_and_done_once(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    original = await issued(outside, issuer)
    amendment_id = await order(outside, original, Wanted.REPLACEMENT)
    outside.tell(
        Mode.ANSWER_LOST, CORRECT.get((issuer, Wanted.REPLACEMENT), "createInvoice"), issuer
    )
    await outside.ask(issuer)
    assert await taken(outside, amendment_id) is None
    clock.advance(timedelta(seconds=2))

    await outside.ask(issuer)

    assert await taken(outside, amendment_id) is not None
    assert outside.their_numbers(issuer) == [1, 2]


@ISSUERS
async def test_a_cancellation_is_done_once_however_often_its_answer_is_lost(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    original = await issued(outside, issuer)
    amendment_id = await order(outside, original, Wanted.CANCELLATION)
    outside.tell(Mode.ANSWER_LOST, CORRECT[issuer, Wanted.CANCELLATION], issuer)
    await outside.ask(issuer)
    assert await taken(outside, amendment_id) is None
    clock.advance(timedelta(seconds=2))

    await outside.ask(issuer)

    done = await taken(outside, amendment_id)
    assert done is not None
    assert (done.told, done.document) == (None, None)
    assert outside.their_numbers(issuer) == [1]
    assert state_of(outside, issuer, 1) is State.CANCELLED


async def test_a_correction_with_a_receipt_of_its_own_gives_its_document_up_and_is_compared(
    outside: Town, clock: FrozenClock
) -> None:
    original, kept = await issued(outside, VNPT), await issued(outside, VNPT)
    amendment_id = await order(outside, original, Wanted.INCREASE)
    await outside.ask()
    async with outside.new_uow() as uow:
        done = await take_correction(amendment_id, receipt_id=kept.id, uow=uow)
    assert done is not None
    assert done.document is not None

    again = await taken(outside, amendment_id)
    assert again is not None
    assert (again.document, again.receipt_id, again.told) == (None, kept.id, done.told)
    clock.advance(timedelta(days=1))
    assert (await outside.check(), await outside.findings()) == (3, [])


async def test_vnpt_is_told_that_it_is_unpaid_before_it_cancels(outside: Town) -> None:
    original = await issued(outside, VNPT)
    await order(outside, original, Wanted.CANCELLATION)
    outside.asked().clear()

    await outside.ask()

    assert outside.asked() == ["UnConfirmPaymentFkey", "cancelInv"]


@ISSUERS
async def test_a_replaced_receipt_is_neither_adjusted_nor_cancelled(
    outside: Town, issuer: str
) -> None:
    original = await issued(outside, issuer)
    await order(outside, original, Wanted.REPLACEMENT)
    await outside.ask(issuer)

    for wanted in (Wanted.INCREASE, Wanted.CANCELLATION):
        await order(outside, original, wanted)
        await outside.ask(issuer)

    assert sorted(await outside.states()) == ["issued", "issued", "refused", "refused"]
    assert outside.their_numbers(issuer) == [1, 2]
    assert [reason for reason, _open in await outside.findings()] == ["refused", "refused"]


@ISSUERS
async def test_what_we_had_cancelled_is_no_finding(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    original = await issued(outside, issuer)
    await order(outside, original, Wanted.CANCELLATION)
    await outside.ask(issuer)
    clock.advance(timedelta(days=1))

    assert await outside.check(issuer) == 1
    assert await outside.findings() == []


async def test_what_is_no_outside_receipt_is_not_corrected_outside(outside: Town) -> None:
    original = await issued(outside, VNPT)
    with pytest.raises(ReceiptNotFound):
        await order(outside, original, Wanted.INCREASE, receipt_id=uuid4())


async def issued(outside: Town, issuer: str) -> Receipt:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    await outside.ask(issuer)
    (receipt,) = await outside.receipts(fee)
    return receipt


async def order(
    outside: Town,
    receipt: Receipt,
    wanted: Wanted,
    *,
    amendment_id: UUID | None = None,
    receipt_id: UUID | None = None,
) -> UUID:
    agency = receipt.collecting_body.agency_code
    lines: Sequence[FeeLine] = [line("le_phi", 10_000, agency_code=agency)]
    correction = Correction(
        amendment_id=amendment_id or uuid4(),
        receipt_id=receipt_id or receipt.id,
        wanted=wanted,
        lines=lines,
        payer_sealed=outside.sealer.seal(SECRET, purpose="payer"),
        reason="Ghi sai tên người nộp",
    )
    async with outside.new_uow() as uow:
        await order_correction(
            correction, uow=uow, clock=outside.clock, ids=SystemIds(outside.clock)
        )
    return correction.amendment_id


async def taken(outside: Town, amendment_id: UUID) -> OutsideIssue | None:
    async with outside.new_uow() as uow:
        return await take_correction(amendment_id, receipt_id=None, uow=uow)


def state_of(outside: Town, issuer: str, number: int) -> State:
    desk = outside.desks[issuer]
    (state,) = [one.state for one in desk.book.list_of(issuer) if one.number == number]
    return state
