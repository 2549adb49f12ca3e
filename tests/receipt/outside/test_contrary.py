"""What an issuer refuses, or says that does not fit, is work for a person and never a receipt."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.db import Database
from chassis.duties import Reach
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.development_issuers import write_development_issuer
from deploy.sandbox_issuers.behaviour import Mode
from services.receipt.domain.outside.errors import OutsideIssueNotFound
from services.receipt.domain.receipts.receipt import Form
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.outside.ask_again import Retry, ask_again
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from tests.receipt.outside.town import VIETTEL, VNPT, Town, town
from tests.receipt.samples import SECRET

PUBLISH = "ImportAndPublishInv"
REFUSALS = [(VNPT, PUBLISH, code) for code in ("1", "3", "6", "7", "20", "30")] + [
    (VIETTEL, "createInvoice", "INVOICE_SERIAL_NOT_FOUND"),
    (VIETTEL, "createInvoice", "BAD_REQUEST_BUYER_NAME"),
]


@pytest.mark.parametrize(("issuer", "operation", "code"), REFUSALS)
async def test_a_refusal_waits_for_the_accountant_and_is_asked_again_when_told_to(
    outside: Town, issuer: str, operation: str, code: str
) -> None:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    outside.tell(Mode.ERROR, operation, issuer, code=code)

    await outside.ask(issuer)

    (order,) = await outside.orders()
    assert (order.state, order.due_at) == ("refused", None)
    assert order.refusal == (f"ERR:{code}" if issuer == VNPT else code)
    assert await outside.findings() == [("refused", True)]
    assert (await outside.ask(issuer), await outside.said()) == (0, [])

    await _retry(outside)
    await _retry(outside)
    await outside.ask(issuer)

    assert [one.number.number for one in await outside.receipts(fee)] == [1]
    assert await outside.findings() == [("refused", False)]


@pytest.mark.parametrize("code", ["5", "14", "99"])
async def test_a_code_that_does_not_say_nothing_was_done_is_not_knowing(
    outside: Town, clock: FrozenClock, code: str
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    outside.tell(Mode.ERROR, PUBLISH, code=code)

    await outside.ask()

    assert (await outside.states(), await outside.findings()) == (["unknown"], [])


async def test_words_for_who_paid_that_the_issuer_takes_replace_the_refused_ones(
    outside: Town,
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.ERROR, PUBLISH, code="3")
    await outside.ask()
    mended = outside.sealer.seal({**SECRET, "full_name": "Công ty Ánh Nguyệt"}, purpose="payer")

    await _retry(outside, payer_sealed=mended)
    await outside.ask()

    (receipt,) = await outside.receipts(fee)
    document = await SqlArchive(outside.database).find_document(receipt.id, Form.XML)
    assert document is not None
    assert "Công ty Ánh Nguyệt" in document.body.decode()


async def test_what_waits_for_nobody_stays_as_it_stands(outside: Town) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    await _retry(outside)
    assert await outside.states() == ["waiting"]

    await outside.ask()
    await _retry(outside)

    assert await outside.states() == ["issued"]
    assert outside.their_numbers() == [1]


async def test_another_agencys_order_is_as_good_as_none(outside: Town) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    with pytest.raises(OutsideIssueNotFound):
        await _retry(outside, reach=Reach(agencies=frozenset({"H19.99"})))


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_another_amount_than_was_paid_is_disputed_and_never_announced(
    outside: Town, issuer: str
) -> None:
    await outside.pay(fee=outside.fee(issuer))
    outside.tell(Mode.WRONG_AMOUNT, {VNPT: PUBLISH, VIETTEL: "createInvoice"}[issuer], issuer)

    await outside.ask(issuer)

    assert await outside.states() == ["disputed"]
    assert await outside.findings() == [("amount_differs", True)]
    assert await outside.said() == []


async def test_a_wrong_amount_in_the_issuers_list_is_disputed(
    outside: Town, clock: FrozenClock
) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    outside.tell(Mode.ANSWER_LOST, PUBLISH)
    await outside.ask()
    outside.tell(Mode.WRONG_AMOUNT, "listInvByCusFkey")
    clock.advance(timedelta(seconds=2))

    await outside.ask()

    assert await outside.findings() == [("amount_differs", True)]


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_a_number_told_to_two_payments_is_given_to_the_first_alone(
    outside: Town, issuer: str
) -> None:
    first, second = outside.fee(issuer), outside.fee(issuer)
    await outside.pay(fee=first)
    await outside.ask(issuer)
    await outside.pay(fee=second)
    outside.tell(Mode.NUMBER_TWICE, {VNPT: PUBLISH, VIETTEL: "createInvoice"}[issuer], issuer)

    await outside.ask(issuer)

    assert sorted(await outside.states()) == ["disputed", "issued"]
    assert len(await outside.receipts(first)) == 1
    assert await outside.receipts(second) == []
    assert await outside.findings() == [("number_told_twice", True)]


async def test_a_number_of_a_receipt_of_ours_is_not_theirs_to_give(
    database: Database, clock: FrozenClock, sealer: Sealer, tmp_path: Path
) -> None:
    path = write_development_issuer(tmp_path, VNPT, kind=VNPT, agencies=["H19.25"])
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(said | {"facts": {**said["facts"], "serial": "AA-{yy}E"}}), "utf-8")
    async with town(database, clock, sealer, tmp_path) as outside:
        ours = await number_receipts(
            [Paid(fee=outside.fee(VNPT), caused_by=uuid4())],
            uow=SqlUnitOfWork(database, clock=clock, ids=SystemIds(clock)),
            seals=sealer,
            clock=clock,
            ids=SystemIds(clock),
        )
        assert [one.number.number for (one,) in ours.receipts] == [1]
        await outside.pay(fee=outside.fee(VNPT))

        await outside.ask()

        assert await outside.states() == ["disputed"]
        assert await outside.findings() == [("number_told_twice", True)]


async def test_another_keys_number_is_not_believed_and_ours_is_looked_for(
    outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.ANOTHER_KEY, PUBLISH)

    await outside.ask()
    assert await outside.states() == ["unknown"]
    outside.tell(Mode.ANOTHER_KEY, "listInvByCusFkey")
    clock.advance(timedelta(seconds=2))
    await outside.ask()
    assert await outside.states() == ["unknown"]
    clock.advance(timedelta(seconds=5))
    await outside.ask()

    assert [one.number.number for one in await outside.receipts(fee)] == [1]
    assert outside.their_numbers() == [1]


async def _retry(
    outside: Town, *, reach: Reach | None = None, payer_sealed: str | None = None
) -> None:
    (order,) = await outside.orders()
    await ask_again(
        Retry(issue_id=order.id, by="accountant", payer_sealed=payer_sealed),
        reach=reach or Reach.everything(),
        uow=outside.new_uow(),
        clock=outside.clock,
    )
