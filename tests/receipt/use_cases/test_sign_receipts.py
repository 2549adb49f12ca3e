from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.canonical import sha256_hex
from chassis.errors import Unavailable
from services.receipt.domain.events import ReceiptIssuedV1
from services.receipt.domain.receipts.receipt import Form, Status
from services.receipt.use_cases.receipts.sign_numbered_receipts import (
    BATCH_MAX,
    PUT_OFF,
    sign_numbered_receipts,
)
from tests.receipt.samples import line
from tests.receipt.use_cases.conftest import House


class SignerDown(Unavailable):
    code = "signer_down"


async def sign_what_waits(house: House, failed: list[int] | None = None) -> int:
    counted: list[int] = [] if failed is None else failed
    return await sign_numbered_receipts(
        uow=house.uow,
        signer=house.signer,
        seals=house.seals,
        clock=house.clock,
        count_failed=counted.append,
    )


async def test_a_signed_receipt_is_stored_and_then_announced(house: House) -> None:
    phi, le_phi = await house.issue(house.fee(line("phi"), line("le_phi")))

    assert (phi.status, le_phi.status) == (Status.ISSUED, Status.ISSUED)
    for one in (phi, le_phi):
        document = house.uow.kept.documents[(one.id, Form.XML)]
        assert sha256_hex(document.body) == document.sha256 == one.xml_sha256
    said = house.uow.kept.said
    assert [event.type for event in said] == ["receipt.issued.v1"] * 2
    assert isinstance(said[0], ReceiptIssuedV1)
    assert (said[0].receipt_id, said[0].part, said[0].parts) == (phi.id, 1, 2)
    assert said[0].payer_sealed == phi.fee.payer_sealed


async def test_signing_twice_keeps_the_first_bytes_and_says_it_once(house: House) -> None:
    numbered = await house.number(house.fee(line()))
    await house.sign(numbered)
    first = dict(house.uow.kept.documents)

    await house.sign(numbered)

    assert len(house.signer.signed) == 2
    assert house.uow.kept.documents == first
    assert len(house.uow.kept.said) == 1


async def test_what_is_issued_already_is_not_signed_again(house: House) -> None:
    issued = await house.issue(house.fee(line()))
    await house.sign(issued)

    assert len(house.signer.signed) == 1


async def test_a_failure_between_numbering_and_signing_leaves_the_same_number_to_be_signed(
    house: House,
) -> None:
    numbered = await house.number(house.fee(line()))
    house.signer.fails_with = SignerDown("The signer does not answer.")
    signing = await house.sign(numbered)
    assert isinstance(signing.stopped, SignerDown)
    assert house.uow.kept.said == []
    house.signer.fails_with = None
    house.clock.advance(timedelta(seconds=10))

    taken = await sign_what_waits(house)

    (receipt,) = house.uow.kept.receipts.values()
    assert taken == 1
    assert (receipt.id, receipt.number) == (numbered[0].id, numbered[0].number)
    assert receipt.status is Status.ISSUED
    assert await sign_what_waits(house) == 0


async def test_the_pass_leaves_fresh_receipts_to_whoever_numbered_them(house: House) -> None:
    await house.number(house.fee(line()))

    assert await sign_what_waits(house) == 0


async def test_one_that_cannot_be_signed_does_not_hold_up_the_others(house: House) -> None:
    (broken,) = await house.number(house.fee(line(), intent_id=uuid4()))
    house.uow.kept.fees[broken.fee.payment_intent_id] = broken.fee
    house.clock.advance(timedelta(milliseconds=1))
    await house.number(house.fee(line(), intent_id=uuid4()))
    house.clock.advance(timedelta(seconds=10))
    fee = replace(broken.fee, payer_sealed="other:{}")
    house.uow.kept.receipts[broken.id] = replace(broken, fee=fee)

    await sign_what_waits(house)

    states = [one.status for one in house.uow.kept.receipts.values()]
    assert states == [Status.NUMBERED, Status.ISSUED]
    assert await sign_what_waits(house) == 0
    house.clock.advance(PUT_OFF)
    assert await sign_what_waits(house) == 1


async def test_a_mistake_of_ours_with_one_receipt_is_told_and_stops_no_other(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        await house.number(house.fee(line(), intent_id=uuid4()))
    house.clock.advance(timedelta(seconds=10))
    broken = list(house.uow.kept.receipts)[1]
    house.signer.breaks_on = {broken}
    failed: list[int] = []

    await sign_what_waits(house, failed)
    told = capsys.readouterr().out
    again = await sign_what_waits(house, failed)
    house.signer.breaks_on = set()
    house.clock.advance(PUT_OFF)
    await sign_what_waits(house, failed)

    receipts = house.uow.kept.receipts
    assert house.signer.signed == [one for one in receipts if one != broken] + [broken]
    assert failed == [1, 0]
    assert again == 0
    assert str(broken) in told
    # With all that is known of it: a mistake must not look like a refusal.
    assert "ZeroDivisionError" in told
    assert {one.status for one in receipts.values()} == {Status.ISSUED}


async def test_a_mistake_of_ours_while_issuing_leaves_the_others_issued(house: House) -> None:
    first, second = await house.number(house.fee(line("phi"), line("le_phi")))
    house.signer.breaks_on = {first.id}

    signing = await house.sign([first, second])

    assert [one.id for one in signing.issued] == [second.id]
    assert [(one.id, type(error)) for one, error in signing.failed] == [
        (first.id, ZeroDivisionError)
    ]


async def test_the_pass_is_bounded_and_oldest_first(house: House) -> None:
    made = []
    for _ in range(BATCH_MAX + 3):
        made += await house.number(house.fee(line(), intent_id=uuid4()))
        house.clock.advance(timedelta(milliseconds=1))
    house.clock.advance(timedelta(seconds=10))

    assert await sign_what_waits(house) == BATCH_MAX
    assert house.signer.signed == [one.id for one in made[:BATCH_MAX]]
    assert await sign_what_waits(house) == 3
