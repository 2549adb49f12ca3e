"""Bills that billers open one by one."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth import Caller
from chassis.db import Database
from services.payment.domain.intents.payment_intent import Status
from services.payment.domain.qr.vietqr import read_qr
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT, PAYMENT_INTENT
from tests.payment.bills.conftest import (
    AGENCY,
    HOSPITAL,
    INTENTS,
    OPEN,
    OTHER_AGENCY,
    PAYER_NAME,
    Billers,
    bill_body,
    bill_line,
)
from tests.payment.contracts import said, said_types
from tests.payment.samples import PAYEE, notice_facts
from tests.payment.world import SqlWorld


async def test_a_bill_has_its_code_at_once_by_its_billers_signed_request(
    billers: Billers, database: Database
) -> None:
    answer = await billers.open(bill_body())

    shown = answer.json()
    assert answer.status_code == 201
    assert (shown["status"], shown["source"], shown["reference"]) == (
        "confirmed",
        "bill",
        "HP-0001",
    )
    assert (shown["dossier_id"], shown["dossier_code"]) == (None, None)
    assert shown["assurance"] == "biller-signature"
    code = read_qr(shown["qr_payload"])
    assert (code.bank_bin, code.account) == (PAYEE.bank_bin, PAYEE.account_number)
    assert (code.amount, code.purpose) == (100_000, shown["bill_reference"])
    assert PAYER_NAME not in answer.text
    async with database.read() as connection:
        kept = (await connection.execute(select(PAYMENT_INTENT))).one()
        tries = (await connection.execute(select(PAYMENT_ATTEMPT))).one()
    assert kept.confirmation_evidence_id == "evidence-1"
    # A printed code waits for weeks: its provider is asked once, before it expires.
    assert tries.next_enquiry_at == tries.expires_at == kept.expires_at


async def test_a_bill_is_said_as_the_contracts_promise(
    billers: Billers, database: Database
) -> None:
    shown = (await billers.open(bill_body())).json()

    await billers.world.notify(notice_facts(shown["bill_reference"], amount=100_000))

    assert await billers.world.status(_id(shown)) is Status.SUCCEEDED
    opened, paid = await said(database)
    assert (opened["type"], paid["type"]) == ("payment.opened.v1", "payment.succeeded.v1")
    for event in (opened, paid):
        assert (event["data"]["source"], event["data"]["reference"]) == ("bill", "HP-0001")
        assert event["data"]["dossier_id"] is None
    assert paid["data"]["procedure_code"] is None


async def test_the_same_key_gets_the_same_answer_whatever_came_later(
    billers: Billers, database: Database
) -> None:
    first = await billers.open(bill_body())
    await billers.world.notify(notice_facts(first.json()["bill_reference"], amount=100_000))
    billers.world.clock.advance(timedelta(days=60))

    again = await billers.open(bill_body())
    other = await billers.open(bill_body(lines=[bill_line(1)]))

    assert (again.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (await said_types(database)).count("payment.opened.v1") == 1


async def test_a_reference_is_used_once_by_each_biller(billers: Billers) -> None:
    first = (await billers.open(bill_body())).json()

    again = await billers.open(bill_body(), key="key-00000002")
    elsewhere = await billers.open(bill_body(), caller=HOSPITAL)

    assert (again.status_code, again.json()["code"]) == (409, "reference_taken")
    assert again.json()["payment_intent_id"] == first["id"]
    assert elsewhere.status_code == 201


async def test_of_fifty_equal_requests_at_once_one_opens_the_bill(
    billers: Billers, database: Database
) -> None:
    answers = await asyncio.gather(*[billers.open(bill_body()) for _ in range(50)])

    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    async with database.read() as connection:
        count = select(func.count()).select_from(PAYMENT_INTENT)
        assert await connection.scalar(count) == 1
    assert await said_types(database) == ["payment.opened.v1"]


async def test_of_many_bills_at_once_under_one_key_one_is_opened(
    billers: Billers, database: Database
) -> None:
    answers = await asyncio.gather(
        *[billers.open(bill_body(f"HP-{number:04}")) for number in range(20)]
    )

    assert sorted(one.status_code for one in answers) == [201] + [409] * 19
    async with database.read() as connection:
        count = select(func.count()).select_from(PAYMENT_INTENT)
        assert await connection.scalar(count) == 1


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({"lines": [bill_line(0), bill_line(0)]}, 422, "nothing_to_pay"),
    "a part": ({"amount": {"amount": 99_999}}, 422, "part_payment_not_taken"),
    "too much": ({"amount": {"amount": 100_001}}, 422, "wrong_fee"),
    "no agency": ({"agency_code": "H19.99"}, 422, "agency_not_found"),
    "no agency of a line": (
        {"lines": [bill_line(agency_code="H19.99")]},
        422,
        "agency_not_found",
    ),
    "another account": (
        {"payee": {"bank_bin": "970436", "account_number": "1"}},
        422,
        "payee_account_differs",
    ),
    "past": ({"due_at": "2026-11-23T05:00:00Z"}, 422, "past_due_date"),
    "far": ({"due_at": "2028-11-23T05:00:00Z"}, 422, "due_too_late"),
    "no lines": ({"lines": []}, 422, "invalid"),
    "negative": ({"lines": [bill_line(-1)]}, 422, "invalid"),
    "odd reference": ({"reference": "HP 0001"}, 422, "invalid"),
    "control letters": (
        {"payer": {"full_name": "A\u0007B"}},
        422,
        "invalid",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_collected_is_refused_in_clear_words(
    billers: Billers, database: Database, name: str
) -> None:
    changes, status, code = REFUSED[name]

    answer = await billers.open(bill_body(**changes))

    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, code), said
    assert said["detail"]
    assert said["detail_en"]
    async with database.read() as connection:
        count = select(func.count()).select_from(PAYMENT_INTENT)
        assert await connection.scalar(count) == 0


async def test_what_is_said_and_right_is_taken(billers: Billers) -> None:
    right: dict[str, Any] = {
        "amount": {"amount": 100_000},
        "payee": {"bank_bin": PAYEE.bank_bin, "account_number": PAYEE.account_number},
        "dossier_code": "H19.25-261123-0001",
        "lines": [bill_line(), bill_line(0, name="Miễn giảm")],
    }

    answer = await billers.open(bill_body(**right))

    assert answer.status_code == 201
    assert answer.json()["dossier_code"] == "H19.25-261123-0001"


async def test_only_a_client_whose_request_was_recorded_opens_bills(billers: Billers) -> None:
    no_scope = Caller(subject="x", kind="client", client_id="x", evidence_id="evidence-1")
    unrecorded = Caller(subject="x", kind="client", client_id="x", scopes=OPEN)

    assert (await billers.open(bill_body(), caller=no_scope)).status_code == 403
    refused = await billers.open(bill_body(), caller=unrecorded)

    assert (refused.status_code, refused.json()["code"]) == (403, "no_biller_evidence")


async def test_no_dossiers_fee_is_confirmed_by_whoever_asks_for_it(database: Database) -> None:
    intent = await SqlWorld(database).confirmed()
    forged = update(PAYMENT_INTENT).where(PAYMENT_INTENT.c.id == intent.id)

    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            await connection.execute(forged.values(assurance="biller-signature"))


async def test_one_payment_is_split_between_agencies_and_kinds_of_fee(billers: Billers) -> None:
    lines = [
        bill_line(100_000),
        bill_line(30_000, agency_code=OTHER_AGENCY),
        bill_line(20_000, kind="le_phi", agency_code=OTHER_AGENCY),
        bill_line(5_000, kind="gia_dich_vu"),
        bill_line(1_000, agency_code=AGENCY),
    ]
    shown = (await billers.open(bill_body(lines=lines))).json()

    await billers.world.notify(notice_facts(shown["bill_reference"], amount=156_000))

    assert await billers.world.balances() == {
        "agency:H19.25:gia_dich_vu VND": -5_000,
        "agency:H19.25:phi VND": -101_000,
        "agency:H19.31:le_phi VND": -20_000,
        "agency:H19.31:phi VND": -30_000,
        "provider:sandbox:clearing VND": 156_000,
    }
    assert shown["lines"][1]["agency_code"] == OTHER_AGENCY
    assert shown["lines"][4]["agency_code"] is None


async def test_money_that_names_a_dossier_is_not_taken_for_a_bill_of_it(billers: Billers) -> None:
    code = "H19.25-261123-0001"
    bill = (await billers.open(bill_body(dossier_code=code))).json()

    await billers.world.notify(notice_facts(None, purpose=code, amount=100_000))

    assert await billers.world.status(_id(bill)) is Status.CONFIRMED


async def test_a_bill_is_found_by_its_reference_and_exported(billers: Billers) -> None:
    first = (await billers.open(bill_body())).json()
    await billers.open(bill_body("HP-0002"), key="key-00000002")
    await billers.open(bill_body(), caller=HOSPITAL)

    found = (await billers.get(f"{INTENTS}?reference=HP-0001")).json()["items"]
    exported = await billers.get(f"{INTENTS}.csv?status=confirmed")

    assert [one["id"] for one in found] == [first["id"]]
    lines = exported.text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("id,source,reference,")
    assert [line.split(",")[2] for line in lines[1:]] == ["HP-0002", "HP-0001"]
    assert PAYER_NAME not in exported.text


async def test_the_code_is_shown_as_a_picture_while_it_can_be_paid(billers: Billers) -> None:
    shown = (await billers.open(bill_body())).json()
    path = f"{INTENTS}/{shown['id']}"

    svg, png = await billers.get(f"{path}/qr.svg"), await billers.get(f"{path}/qr.png")
    hidden = await billers.get(f"{path}/qr.svg", HOSPITAL)
    await billers.world.notify(notice_facts(shown["bill_reference"], amount=100_000))
    paid = await billers.get(f"{path}/qr.svg")

    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    assert b"<svg" in svg.content
    assert b"script" not in svg.content
    assert png.content.startswith(b"\x89PNG")
    assert hidden.status_code == 404
    assert (paid.status_code, paid.json()["code"]) == (409, "no_code_to_show")


def _id(shown: dict[str, Any]) -> UUID:
    return UUID(shown["id"])
