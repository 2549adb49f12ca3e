"""Corrections of outside receipts are their issuer's, asked for by a key and done once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.duties import Reach
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from deploy.sandbox_issuers.book import State
from services.receipt.domain.amendments.amendment import (
    Amendment,
    AmendmentState,
    AmendmentType,
)
from services.receipt.domain.amendments.content import LineChange
from services.receipt.domain.amendments.errors import AmendmentWaits, IllegalAmendmentTransition
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.outside.issue import Wanted
from services.receipt.domain.receipts.fee import FeeLine
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.domain.receipts.standing import Standing
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.use_cases.amendments.ask_amendment import Asking, ask_amendment
from services.receipt.use_cases.amendments.decide_amendment import (
    approve_amendment,
    reject_amendment,
)
from services.receipt.use_cases.amendments.tools import AmendTools
from services.receipt.use_cases.outside.ask_again import Retry, ask_again
from services.receipt.use_cases.outside.order_correction import (
    Correction,
    order_correction,
)
from tests.receipt.api.conftest import OFFICER
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
EVENTS = {
    Wanted.REPLACEMENT: "receipt.replaced.v1",
    Wanted.INCREASE: "receipt.adjusted.v1",
    Wanted.DECREASE: "receipt.adjusted.v1",
    Wanted.INFORMATION: "receipt.adjusted.v1",
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

    amendment, made = await taken(outside, amendment_id)
    assert amendment.state is AmendmentState.APPROVED
    assert amendment.notice is not None
    assert made is not None
    assert (made.number.number, made.number.series) == (2, original.number.series)
    assert (made.type.value, made.corrects_id, made.issuer) == (wanted.value, original.id, issuer)
    document = await SqlArchive(outside.database).find_document(made.id, Form.XML)
    assert document is not None
    assert b"Sandbox" in document.body
    (corrected,) = [one for one in await outside.receipts(original.fee) if one.id == original.id]
    assert corrected.standing.value == BECOMES[wanted].value.lower()
    told = {one["type"] for one in await outside.said()}
    assert told == {"receipt.issued.v1", EVENTS[wanted]}
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
    assert (await taken(outside, amendment_id))[1] is None
    clock.advance(timedelta(seconds=2))

    await outside.ask(issuer)

    assert (await taken(outside, amendment_id))[1] is not None
    assert outside.their_numbers(issuer) == [1, 2]


@ISSUERS
async def test_a_cancellation_is_done_once_however_often_its_answer_is_lost(
    outside: Town, clock: FrozenClock, issuer: str
) -> None:
    original = await issued(outside, issuer)
    amendment_id = await order(outside, original, Wanted.CANCELLATION)
    outside.tell(Mode.ANSWER_LOST, CORRECT[issuer, Wanted.CANCELLATION], issuer)
    await outside.ask(issuer)
    assert (await taken(outside, amendment_id))[0].state is AmendmentState.ORDERED
    clock.advance(timedelta(seconds=2))

    await outside.ask(issuer)

    amendment, made = await taken(outside, amendment_id)
    assert (amendment.state, made) == (AmendmentState.APPROVED, None)
    (corrected,) = await outside.receipts(original.fee)
    assert corrected.standing is Standing.CANCELLED
    assert outside.their_numbers(issuer) == [1]
    assert state_of(outside, issuer, 1) is State.CANCELLED


async def test_a_correction_is_compared_as_every_receipt(outside: Town, clock: FrozenClock) -> None:
    original, _kept = await issued(outside, VNPT), await issued(outside, VNPT)
    await order(outside, original, Wanted.INCREASE)
    await outside.ask()
    clock.advance(timedelta(days=1))

    assert (await outside.check(), await outside.findings()) == (3, [])


async def test_what_two_people_decided_is_asked_of_the_issuer_in_the_words_of_the_receipt(
    outside: Town,
) -> None:
    original = await issued(outside, VNPT)
    tools = AmendTools(
        open_uow=outside.new_uow,
        clock=outside.clock,
        ids=SystemIds(outside.clock),
        seals=outside.sealer,
    )
    asking = Asking(
        receipt_id=original.id,
        type=AmendmentType.DECREASE,
        reason="Ghi thừa",
        changes=[LineChange(position=1, amount=20_000)],
    )
    asked = await ask_amendment(asking, by="one", reach=Reach.everything(), tools=tools)
    officer = replace(OFFICER, subject="other")
    ordered = await approve_amendment(
        asked.id, officer=officer, reach=Reach.everything(), tools=tools
    )
    again = await approve_amendment(
        asked.id, officer=officer, reach=Reach.everything(), tools=tools
    )
    assert (ordered.state, again.state) == (AmendmentState.ORDERED, AmendmentState.ORDERED)
    with pytest.raises(AmendmentWaits):
        await ask_amendment(asking, by="one", reach=Reach.everything(), tools=tools)

    await outside.ask()

    amendment, made = await taken(outside, asked.id)
    assert (amendment.state, amendment.decided_by) == (AmendmentState.APPROVED, "other")
    assert made is not None
    assert (made.amount.minor_units, made.counted_amount) == (20_000, -20_000)


async def test_vnpt_is_told_that_it_is_unpaid_before_it_cancels(outside: Town) -> None:
    original = await issued(outside, VNPT)
    await order(outside, original, Wanted.CANCELLATION)
    outside.asked().clear()

    await outside.ask()

    assert outside.asked() == ["UnConfirmPaymentFkey", "cancelInv"]


@ISSUERS
async def test_what_the_issuer_refuses_can_be_taken_back_and_is_then_not_asked_again(
    outside: Town, issuer: str
) -> None:
    original = await issued(outside, issuer)
    await order(outside, original, Wanted.REPLACEMENT)
    await outside.ask(issuer)
    tools = AmendTools(
        open_uow=outside.new_uow,
        clock=outside.clock,
        ids=SystemIds(outside.clock),
        seals=outside.sealer,
    )

    for wanted in (Wanted.INCREASE, Wanted.CANCELLATION):
        asked = await order(outside, original, wanted)
        with pytest.raises(IllegalAmendmentTransition):
            await take_back(asked, tools)
        await outside.ask(issuer)
        assert (await take_back(asked, tools)).state is AmendmentState.REJECTED
        (mine,) = [one.id for one in await outside.orders() if one.amendment_id == asked]
        with pytest.raises(IllegalAmendmentTransition):
            await ask_again(
                Retry(issue_id=mine, by="one"),
                reach=Reach.everything(),
                uow=outside.new_uow(),
                clock=outside.clock,
            )

    assert sorted(await outside.states()) == ["issued", "issued", "refused", "refused"]
    assert outside.their_numbers(issuer) == [1, 2]
    assert [reason for reason, _open in await outside.findings()] == ["refused", "refused"]


async def take_back(amendment_id: UUID, tools: AmendTools) -> Amendment:
    return await reject_amendment(
        amendment_id,
        officer=OFFICER,
        note="Bên phát hành từ chối",
        reach=Reach.everything(),
        tools=tools,
    )


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
    """As it stands once it was approved, whatever our own rules say of it."""
    agency = receipt.collecting_body.agency_code
    lines: Sequence[FeeLine] = [line("le_phi", 10_000, agency_code=agency)]
    sealed = outside.sealer.seal(SECRET, purpose="payer")
    approved = Amendment(
        id=amendment_id or uuid4(),
        receipt_id=receipt.id,
        agency_code=agency,
        type=AmendmentType(wanted.value),
        reason="Ghi sai tên người nộp",
        lines=lines,
        payer_sealed=sealed,
        asked_by="one",
        asked_at=outside.clock.now(),
        state=AmendmentState.ORDERED,
        decided_by="other",
        decided_at=outside.clock.now(),
    )
    correction = Correction(
        amendment_id=approved.id,
        receipt_id=receipt_id or receipt.id,
        wanted=wanted,
        lines=lines,
        payer_sealed=sealed,
        reason=approved.reason,
    )
    async with outside.new_uow() as uow:
        if amendment_id is None:
            await uow.amendments.add(approved)
        await order_correction(
            correction, uow=uow, clock=outside.clock, ids=SystemIds(outside.clock)
        )
    return approved.id


async def taken(outside: Town, amendment_id: UUID) -> tuple[Amendment, Receipt | None]:
    """How the correction stands, and its receipt."""
    async with outside.new_uow() as uow:
        amendment = await uow.amendments.get_for_update(amendment_id)
    if amendment.result_id is None:
        return amendment, None
    return amendment, await SqlArchive(outside.database).find(amendment.result_id)


def state_of(outside: Town, issuer: str, number: int) -> State:
    desk = outside.desks[issuer]
    (state,) = [one.state for one in desk.book.list_of(issuer) if one.number == number]
    return state
