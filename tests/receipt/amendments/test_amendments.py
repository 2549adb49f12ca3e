"""Corrections: by two people, one at a time, each with a paper of its own, nothing undone."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from chassis.canonical import sha256_hex
from chassis.duties import AnotherPersonNeeded
from chassis.testing import FrozenClock
from services.receipt.domain.amendments.amendment import (
    Amendment,
    AmendmentState,
    AmendmentType,
    CancelGround,
)
from services.receipt.domain.amendments.content import LineChange
from services.receipt.domain.amendments.errors import (
    AmendmentWaits,
    CancelNeedsRefund,
    ContentNotFitting,
    IllegalAmendmentTransition,
    MoreThanWasPaid,
    NotAmendable,
)
from services.receipt.domain.errors import ReceiptNotIssuedYet
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.receipts.receipt import Form, Status
from services.receipt.domain.receipts.standing import ReceiptType, Standing
from services.receipt.storage.checks.checks import SqlChecks
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.use_cases.amendments.decide_amendment import reject_amendment
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from tests.receipt.amendments.conftest import EVERYTHING, OTHER, Desk
from tests.receipt.api.conftest import OFFICER
from tests.receipt.samples import SECRET, line

REPLACEMENT, INCREASE, DECREASE = (
    AmendmentType.REPLACEMENT,
    AmendmentType.INCREASE,
    AmendmentType.DECREASE,
)
INFORMATION, CANCELLATION = AmendmentType.INFORMATION, AmendmentType.CANCELLATION
LESS = [LineChange(position=1, amount=80_000)]
BY_TEN = [LineChange(position=1, amount=10_000)]
RENAMED = [LineChange(position=1, name="Lệ phí cấp đổi")]
FAILED = CancelGround.SERVICE_FAILED


async def test_a_replacement_is_a_receipt_of_its_own_and_the_old_bytes_stay(
    desk: Desk, clock: FrozenClock
) -> None:
    original = await desk.issue()
    archive = SqlArchive(desk.database)
    before = await archive.find_document(original.id, Form.XML)
    clock.advance(timedelta(days=1))

    amendment = await desk.correct(
        original, REPLACEMENT, changes=LESS, payer={"full_name": "Trần Thị Mai"}
    )

    numbered = await desk.now(amendment.result_id)
    assert (numbered.status, numbered.number.number) == (Status.NUMBERED, 2)
    await desk.sign()
    made, old = await desk.now(amendment.result_id), await desk.now(original.id)
    assert (made.type, made.corrects) == (ReceiptType.REPLACEMENT, original.as_corrected())
    assert (made.standing, made.amount.minor_units) == (Standing.VALID, 80_000)
    assert old.standing is Standing.REPLACED
    assert await archive.find_document(original.id, Form.XML) == before
    xml = await archive.find_document(made.id, Form.XML)
    assert xml is not None
    assert made.xml_sha256 == sha256_hex(xml.body)
    text = xml.body.decode()
    assert "<TCCTu>Thay thế</TCCTu>" in text
    assert f"<SCTLQuan>{original.number.printed}</SCTLQuan>" in text
    assert "<NLCTLQuan>2026-11-23</NLCTLQuan>" in text
    assert "Trần Thị Mai" in text
    assert "Ghi sai" not in text
    # The letter goes where the first one went.
    payer = desk.seals.unseal(made.payer_sealed, purpose="payer")
    assert payer == {
        "full_name": "Trần Thị Mai",
        "email": SECRET["email"],
        "phone": SECRET["phone"],
    }
    linked = await SqlChecks(desk.database).list_linked(old)
    back = await SqlChecks(desk.database).list_linked(made)
    assert [(one.relation, one.printed_number) for one in (*linked, *back)] == [
        ("replaced_by", made.number.printed),
        ("replaces", original.number.printed),
    ]


@pytest.mark.parametrize(
    ("type_", "changes", "amount", "counted", "word"),
    [
        (DECREASE, BY_TEN, 10_000, -10_000, "Điều chỉnh giảm"),
        (INFORMATION, RENAMED, 0, 0, "Điều chỉnh thông tin"),
    ],
)
async def test_an_adjustment_is_read_beside_its_receipt(
    desk: Desk,
    type_: AmendmentType,
    changes: list[LineChange],
    amount: int,
    counted: int,
    word: str,
) -> None:
    original = await desk.issue()

    amendment = await desk.correct(original, type_, changes=changes)
    await desk.sign()

    made, old = await desk.now(amendment.result_id), await desk.now(original.id)
    assert (made.amount.minor_units, made.counted_amount) == (amount, counted)
    assert (made.status, old.standing) == (Status.ISSUED, Standing.ADJUSTED)
    xml = await SqlArchive(desk.database).find_document(made.id, Form.XML)
    assert xml is not None
    assert f"<TCCTu>{word}</TCCTu>" in xml.body.decode()
    # What went back of the fee is noted beside the money's receipt alone.
    await desk.refund(original, 10_000)
    assert (await desk.now(made.id)).refund_state is None
    assert (await desk.now(original.id)).standing is Standing.PARTLY_REFUNDED


async def test_what_one_receipt_gives_up_another_of_the_payment_may_take(desk: Desk) -> None:
    le_phi = await desk.issue(line("le_phi", 90_000), line("phi", 50_000))
    receipts = await desk.of_payment(le_phi)
    taker = next(one for one in receipts if one.kind == "phi")
    giver = next(one for one in receipts if one.kind == "le_phi")
    with pytest.raises(MoreThanWasPaid):
        await desk.ask(taker, INCREASE, changes=BY_TEN)

    await desk.correct(giver, DECREASE, changes=BY_TEN)
    increase = await desk.correct(taker, INCREASE, changes=BY_TEN)
    await desk.sign()

    everything = await desk.of_payment(le_phi)
    assert sum(one.counted_amount for one in everything) == 140_000
    assert (await desk.now(increase.result_id)).type is ReceiptType.INCREASE


async def test_two_increases_that_fit_alone_do_not_fit_together(desk: Desk) -> None:
    first = await desk.issue(line("le_phi", 90_000), line("phi", 50_000))
    by_kind = {one.kind: one for one in await desk.of_payment(first)}
    await desk.correct(by_kind[Kind.LE_PHI], DECREASE, changes=BY_TEN)
    one = await desk.ask(by_kind[Kind.PHI], INCREASE, changes=BY_TEN)
    other = await desk.ask(by_kind[Kind.LE_PHI], INCREASE, changes=BY_TEN)

    done = await asyncio.gather(desk.approve(one), desk.approve(other), return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["Amendment", "MoreThanWasPaid"]
    assert sum(one.counted_amount for one in await desk.of_payment(first)) == 140_000


async def test_a_cancellation_needs_its_ground(desk: Desk) -> None:
    receipt = await desk.issue()
    with pytest.raises(ContentNotFitting):
        await desk.ask(receipt, CANCELLATION)
    await desk.refund(receipt, 89_999)
    with pytest.raises(CancelNeedsRefund):
        await desk.ask(receipt, CANCELLATION, ground=CancelGround.REFUNDED)
    await desk.refund(receipt, 1)

    amendment = await desk.correct(receipt, CANCELLATION, ground=CancelGround.REFUNDED)

    assert amendment.result_id is None
    cancelled = await desk.now(receipt.id)
    assert (cancelled.standing, cancelled.counted_amount) == (Standing.CANCELLED, 0)
    (told,) = [json.loads(o) for o in await desk.said() if "receipt.cancelled.v1" in o]
    assert told["data"]["receipt_id"] == str(receipt.id)


async def test_who_asked_does_not_decide(desk: Desk) -> None:
    receipt = await desk.issue()
    asked = await desk.ask(receipt, CANCELLATION, ground=FAILED)

    with pytest.raises(AnotherPersonNeeded):
        await desk.approve(asked, OFFICER)
    assert (await desk.now(receipt.id)).standing is Standing.VALID


async def test_twenty_approvals_at_once_make_one_correction(desk: Desk) -> None:
    receipt = await desk.issue()
    asked = await desk.ask(receipt, REPLACEMENT, changes=LESS)

    done = await asyncio.gather(*(desk.approve(asked) for _ in range(20)))

    assert len({one.result_id for one in done}) == 1
    assert {one.notice.number for one in done if one.notice} == {1}
    assert len(await desk.of_payment(receipt)) == 2


async def test_approved_and_rejected_at_once_it_is_one_of_them(desk: Desk) -> None:
    receipt = await desk.issue()
    asked = await desk.ask(receipt, REPLACEMENT, changes=LESS)

    async def reject() -> Amendment:
        return await reject_amendment(
            asked.id, officer=OTHER, note="x", reach=EVERYTHING, tools=desk.tools
        )

    done = await asyncio.gather(desk.approve(asked), reject(), return_exceptions=True)

    refused = [one for one in done if isinstance(one, IllegalAmendmentTransition)]
    assert len(refused) == 1
    made = len(await desk.of_payment(receipt)) - 1
    async with desk.open_uow() as uow:
        state = (await uow.amendments.get_for_update(asked.id)).state
    assert made == (state is AmendmentState.APPROVED)


async def test_one_waits_at_a_time_however_many_ask(desk: Desk) -> None:
    receipt = await desk.issue()

    asked = await asyncio.gather(
        *(desk.ask(receipt, REPLACEMENT, changes=LESS) for _ in range(10)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in asked) == ["Amendment"] + ["AmendmentWaits"] * 9
    (waits,) = [one for one in asked if isinstance(one, Amendment)]
    await reject_amendment(waits.id, officer=OTHER, note="x", reach=EVERYTHING, tools=desk.tools)
    again = await desk.ask(receipt, REPLACEMENT, changes=LESS)
    with pytest.raises(AmendmentWaits):
        await desk.ask(receipt, CANCELLATION, ground=FAILED)
    assert again.state is AmendmentState.WAITING


async def test_a_replaced_receipt_is_not_adjusted_and_its_replacement_is_replaced_again(
    desk: Desk,
) -> None:
    receipt = await desk.issue()
    first = await desk.correct(receipt, REPLACEMENT, changes=LESS)
    replacement_id = first.result_id
    with pytest.raises(ReceiptNotIssuedYet):
        await desk.ask(await desk.now(replacement_id), REPLACEMENT, changes=BY_TEN)
    await desk.sign()
    for type_, asked in (
        (DECREASE, {"changes": BY_TEN}),
        (REPLACEMENT, {"changes": BY_TEN}),
        (CANCELLATION, {"ground": FAILED}),
    ):
        with pytest.raises(NotAmendable):
            await desk.ask(receipt, type_, **asked)
    replacement = await desk.now(replacement_id)
    with pytest.raises(NotAmendable):
        await desk.ask(replacement, DECREASE, changes=BY_TEN)

    second = await desk.correct(replacement, REPLACEMENT, changes=BY_TEN)
    await desk.sign()

    third = await desk.now(second.result_id)
    assert (third.amount.minor_units, third.corrects_id) == (10_000, replacement.id)
    with pytest.raises(MoreThanWasPaid):
        await desk.ask(third, REPLACEMENT, changes=[LineChange(position=1, amount=90_001)])
    await desk.correct(third, CANCELLATION, ground=FAILED)
    standings = {one.number.number: one.standing for one in await desk.of_payment(receipt)}
    assert standings == {1: "replaced", 2: "replaced", 3: "cancelled"}


async def test_an_adjusted_receipt_is_adjusted_again_and_never_below_nothing(desk: Desk) -> None:
    receipt = await desk.issue()
    most = [LineChange(position=1, amount=60_000)]
    first = await desk.correct(receipt, DECREASE, changes=most)
    await desk.sign()
    with pytest.raises(NotAmendable):
        await desk.ask(receipt, REPLACEMENT, changes=LESS)
    with pytest.raises(NotAmendable):
        await desk.ask(await desk.now(first.result_id), DECREASE, changes=BY_TEN)
    with pytest.raises(ContentNotFitting):
        await desk.ask(receipt, DECREASE, changes=most)

    await desk.correct(receipt, DECREASE, changes=[LineChange(position=1, amount=30_000)])

    assert sum(one.counted_amount for one in await desk.of_payment(receipt)) == 0


async def test_a_cancelled_receipt_takes_its_adjustments_with_it(desk: Desk) -> None:
    first = await desk.issue(line("le_phi", 90_000), line("phi", 50_000))
    by_kind = {one.kind: one for one in await desk.of_payment(first)}
    gone, other = by_kind[Kind.LE_PHI], by_kind[Kind.PHI]
    beside = await desk.correct(gone, DECREASE, changes=BY_TEN)
    await desk.sign()

    await desk.correct(gone, CANCELLATION, ground=FAILED)

    # Else the difference of a receipt that says nothing would make room for another one.
    assert (await desk.now(beside.result_id)).standing is Standing.CANCELLED
    assert sum(one.counted_amount for one in await desk.of_payment(first)) == 50_000
    with pytest.raises(MoreThanWasPaid):
        await desk.ask(other, INCREASE, changes=[LineChange(position=1, amount=90_001)])


@pytest.mark.parametrize(
    ("type_", "asked"),
    [
        (REPLACEMENT, {}),
        (REPLACEMENT, {"changes": [LineChange(position=1, amount=90_000)]}),
        (REPLACEMENT, {"changes": [LineChange(position=1, amount=0)]}),
        (REPLACEMENT, {"changes": [LineChange(position=2, amount=5)]}),
        (REPLACEMENT, {"changes": [*LESS, *LESS]}),
        (REPLACEMENT, {"changes": LESS, "ground": FAILED}),
        (DECREASE, {}),
        (DECREASE, {"changes": RENAMED}),
        (DECREASE, {"changes": [LineChange(position=1, amount=0)]}),
        (DECREASE, {"changes": [LineChange(position=1, amount=90_001)]}),
        (DECREASE, {"changes": BY_TEN, "payer": {"full_name": "x"}}),
        (INFORMATION, {}),
        (INFORMATION, {"changes": LESS}),
        (CANCELLATION, {"ground": FAILED, "changes": LESS}),
    ],
)
async def test_what_does_not_fit_is_refused_before_anybody_waits(
    desk: Desk, type_: AmendmentType, asked: dict[str, object]
) -> None:
    receipt = await desk.issue()

    with pytest.raises(ContentNotFitting):
        await desk.ask(receipt, type_, **asked)


async def test_notices_count_an_agencys_year_without_a_gap_whatever_fails(
    desk: Desk, clock: FrozenClock
) -> None:
    receipts = [await desk.issue() for _ in range(12)]
    asked = [await desk.ask(one, CANCELLATION, ground=FAILED) for one in receipts]

    async def die(amendment: Amendment) -> None:
        with pytest.raises(RuntimeError):
            async with desk.open_uow() as uow:
                await uow.amendments.draw_notice_number(amendment.agency_code, 2026)
                raise RuntimeError

    done = await asyncio.gather(
        *(die(one) if place % 4 == 3 else desk.approve(one) for place, one in enumerate(asked))
    )

    numbers = sorted(one.notice.number for one in done if one and one.notice)
    assert numbers == list(range(1, 10))
    clock.advance(timedelta(days=60))
    last = await desk.approve(asked[3])
    assert last.notice is not None
    assert (last.notice.year, last.notice.number) == (2027, 1)


async def test_corrections_and_payments_share_a_series_without_a_gap(desk: Desk) -> None:
    receipts = [await desk.issue() for _ in range(10)]
    asked = [await desk.ask(one, REPLACEMENT, changes=LESS) for one in receipts]

    await asyncio.gather(*(desk.approve(one) for one in asked), *(desk.issue() for _ in range(10)))
    await desk.sign()

    async with desk.database.read() as connection:
        rows = (await connection.execute(select(RECEIPT.c.number, RECEIPT.c.status))).all()
    assert sorted(row.number for row in rows) == list(range(1, 31))
    assert {row.status for row in rows} == {"issued"}


async def test_a_payment_told_again_is_answered_with_what_it_was_receipted_with(
    desk: Desk,
) -> None:
    receipt = await desk.issue()
    await desk.correct(receipt, REPLACEMENT, changes=LESS)

    numbered = await number_receipts(
        [Paid(fee=receipt.fee, caused_by=receipt.id)],
        uow=desk.open_uow(),
        seals=desk.seals,
        clock=desk.clock,
        ids=desk.tools.ids,
    )

    assert [[one.id for one in numbered.receipts[0]]] == [[receipt.id]]


async def test_a_correction_is_announced_once_it_is_signed_and_never_as_a_new_receipt(
    desk: Desk,
) -> None:
    receipt = await desk.issue()
    amendment = await desk.correct(receipt, REPLACEMENT, changes=LESS)
    assert not any("receipt.replaced.v1" in one for one in await desk.said())

    await desk.sign()

    told = [json.loads(one) for one in await desk.said()]
    types = sorted(one["type"] for one in told)
    assert types == ["receipt.issued.v1", "receipt.replaced.v1"]
    (data,) = [one["data"] for one in told if one["type"] == "receipt.replaced.v1"]
    assert data["receipt_id"] == str(amendment.result_id)
    assert (data["corrects_id"], data["correction"]) == (str(receipt.id), "replacement")
    assert "Ghi sai" not in json.dumps(data, ensure_ascii=False)
