"""A receipt that corrects another has lines and a payer of its own, and only one can replace."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.db import Database
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.standing import Corrected, ReceiptType
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from tests.receipt.drawing import draw
from tests.receipt.samples import INTENT_ID, NOON, receipt

NewUow = Callable[[], SqlUnitOfWork]


def correction(number: int, type_: ReceiptType = ReceiptType.REPLACEMENT) -> Receipt:
    original = receipt()
    return replace(
        original,
        id=uuid4(),
        number=replace(original.number, number=number),
        lookup_code=uuid4().hex,
        type=type_,
        corrects=original.as_corrected(),
        lines=tuple(replace(line, name="Lệ phí viết lại") for line in original.lines),
        own_payer_sealed="sealed anew",
    )


async def add(new_uow: NewUow, *receipts: Receipt) -> None:
    async with new_uow() as uow:
        await uow.fees.add_new([receipts[0].fee])
        await draw(uow, receipts[0].number.series, count=len(receipts), now=NOON)
        await uow.receipts.add(receipts)


async def test_a_correction_comes_back_with_its_own_lines_and_payer(
    new_uow: NewUow, database: Database
) -> None:
    original, replacement = replace(receipt(), corrected=Corrected.REPLACED), correction(2)

    await add(new_uow, original, replacement)

    archive = SqlArchive(database)
    assert await archive.find(original.id) == original
    found = await archive.find(replacement.id)
    assert found == replacement
    assert found.payer_sealed == "sealed anew"
    assert original.payer_sealed == original.fee.payer_sealed
    assert len(await archive.list_of_payment(INTENT_ID)) == 2


async def test_a_receipt_has_one_replacement(new_uow: NewUow) -> None:
    await add(new_uow, receipt(), correction(2))

    with pytest.raises(IntegrityError):
        await add(new_uow, correction(3))


async def test_a_receipt_has_as_many_adjustments_as_it_needs(
    new_uow: NewUow, database: Database
) -> None:
    adjustments = [correction(number, ReceiptType.DECREASE) for number in (2, 3)]

    await add(new_uow, receipt(), *adjustments)

    assert len(await SqlArchive(database).list_of_payment(INTENT_ID)) == 3


@pytest.mark.parametrize("corrects_id", [None, uuid4()])
async def test_a_correction_names_a_receipt_that_exists(
    new_uow: NewUow, corrects_id: UUID | None
) -> None:
    await add(new_uow, receipt())

    with pytest.raises(IntegrityError):
        corrects = replace(receipt().as_corrected(), id=corrects_id) if corrects_id else None
        await add(new_uow, replace(correction(2), corrects=corrects))
