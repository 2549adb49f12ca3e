from dataclasses import replace
from uuid import uuid4

import pytest

from chassis.duties import Reach
from chassis.money import Money
from services.receipt.domain.checks.shown_standing import ShownStanding, standing_of
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.use_cases.receipts.get_receipt import get_receipt, list_receipts_of_payment
from services.receipt.use_cases.receipts.look_up_receipt import PrintedNumber, look_up_receipt
from tests.receipt.samples import line
from tests.receipt.use_cases.conftest import House

PRINTED = PrintedNumber(form_code="01BLP0-001", symbol="AA-26E", number=1)


async def test_who_holds_the_paper_finds_the_receipt(house: House) -> None:
    (receipt,) = await house.issue(house.fee(line()))

    by_paper = await look_up_receipt(receipt.lookup_code, printed=PRINTED, archive=house.archive)
    by_code = await look_up_receipt(receipt.lookup_code, archive=house.archive)

    assert by_paper == by_code == receipt


@pytest.mark.parametrize(
    "printed",
    [
        replace(PRINTED, number=2),
        replace(PRINTED, symbol="AA-25E"),
        replace(PRINTED, form_code="02BLP0-001"),
    ],
)
async def test_a_code_with_another_number_finds_nothing(
    house: House, printed: PrintedNumber
) -> None:
    (receipt,) = await house.issue(house.fee(line()))

    with pytest.raises(ReceiptNotFound):
        await look_up_receipt(receipt.lookup_code, printed=printed, archive=house.archive)


@pytest.mark.parametrize("amount", [Money(99_999), Money(100_000, "USD"), Money(1)])
async def test_a_code_with_another_amount_looks_like_no_code_at_all(
    house: House, amount: Money
) -> None:
    (receipt,) = await house.issue(house.fee(line()))

    with pytest.raises(ReceiptNotFound) as wrong_amount:
        await look_up_receipt(receipt.lookup_code, amount=amount, archive=house.archive)
    with pytest.raises(ReceiptNotFound) as wrong_code:
        await look_up_receipt("x" * 22, amount=receipt.amount, archive=house.archive)

    assert str(wrong_amount.value) == str(wrong_code.value)


async def test_code_and_amount_find_a_receipt_even_while_it_is_being_signed(house: House) -> None:
    (receipt,) = await house.number(house.fee(line()))

    found = await look_up_receipt(receipt.lookup_code, amount=Money(100_000), archive=house.archive)

    assert (found, standing_of(found)) == (receipt, ShownStanding.BEING_SIGNED)


async def test_a_client_or_an_agency_sees_its_own_receipts_and_no_other(house: House) -> None:
    (receipt,) = await house.issue(house.fee(line()))
    intent_id = receipt.fee.payment_intent_id
    mine = (
        Reach.of_client("portal-demo"),
        Reach(agencies=frozenset({receipt.fee.agency_code, "H01"})),
        Reach.everything(),
    )
    others = (
        Reach.of_client("other"),
        Reach.of_client(""),
        Reach(agencies=frozenset({"H01"})),
        Reach(agencies=frozenset()),
    )

    async def listed(reach: Reach) -> list[object]:
        return list(await list_receipts_of_payment(intent_id, reach=reach, archive=house.archive))

    for reach in mine:
        assert await listed(reach) == [receipt]
        assert await get_receipt(receipt.id, reach=reach, archive=house.archive) == receipt
    for reach in others:
        assert await listed(reach) == []
        with pytest.raises(ReceiptNotFound):
            await get_receipt(receipt.id, reach=reach, archive=house.archive)
    with pytest.raises(ReceiptNotFound):
        await get_receipt(uuid4(), reach=Reach.everything(), archive=house.archive)
