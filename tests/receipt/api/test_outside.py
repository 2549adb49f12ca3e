"""Receipts of outside issuers through our own doors, and the accountant's worklist."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.db import Database
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from services.receipt.settings import ReceiptSettings
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, OFFICER, PORTAL, PUBLIC, Door
from tests.receipt.outside.town import VIETTEL, VNPT, Town, town
from tests.receipt.samples import SECRET

ACCOUNTANT = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.outside"}))
BOTH = replace(ACCOUNTANT, agencies=frozenset({"H19.25", "H19.31"}))


@pytest.fixture
async def outside(
    database: Database, clock: FrozenClock, sealer: Sealer, keys_dir: Path, tmp_path: Path
) -> AsyncIterator[Town]:
    mine = tmp_path / "keys"
    shutil.copytree(keys_dir, mine)
    async with town(database, clock, sealer, mine) as opened:
        yield opened


@pytest.fixture
def settings(database_url: str, outside: Town) -> ReceiptSettings:
    return ReceiptSettings(
        database_url=database_url, keys_dir=outside.keys_dir, issuer_sandbox_url=outside.url
    )


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_an_outside_receipt_is_shown_and_its_files_are_the_issuers(
    door: Door, outside: Town, issuer: str
) -> None:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    await outside.ask(issuer)

    page = (await door.get(f"/v1/receipts?payment_intent_id={fee.payment_intent_id}")).json()
    (shown,) = page["items"]
    assert (shown["issuer"], shown["status"], shown["number"]) == (issuer, "issued", 1)
    xml = await door.get(f"/v1/receipts/{shown['id']}/xml")
    assert "Sandbox: not signed by anybody" in xml.text
    pdf = await door.get(f"/v1/receipts/{shown['id']}/pdf")
    assert pdf.content.startswith(b"%PDF-1.4")
    assert b"(sandbox" in pdf.content.replace(b"[", b"(")
    asked = len(outside.asked(issuer))
    again = await door.get(f"/v1/receipts/{shown['id']}/pdf")
    assert (again.content, len(outside.asked(issuer))) == (pdf.content, asked)
    looked_up = await door.get(
        "/v1/receipt-lookups",
        PUBLIC,
        form_code=shown["form_code"],
        symbol=shown["symbol"],
        number=1,
        code=shown["lookup_code"],
    )
    assert looked_up.status_code == 200, looked_up.text
    assert SECRET["full_name"] not in looked_up.text


async def test_a_page_that_the_issuer_does_not_give_is_asked_for_later(
    door: Door, outside: Town
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    await outside.ask()
    (receipt,) = await outside.receipts(fee)
    outside.tell(Mode.TROUBLE, "downloadInvPDFFkeyNoPay")

    refused = await door.get(f"/v1/receipts/{receipt.id}/pdf")
    given = await door.get(f"/v1/receipts/{receipt.id}/pdf")

    assert (refused.status_code, refused.json()["code"]) == (503, "outside_document_missing")
    assert given.content.startswith(b"%PDF")


async def test_the_worklist_shows_an_officer_their_agencies_and_nobody_else_anything(
    door: Door, outside: Town
) -> None:
    for issuer in (VNPT, VIETTEL, VNPT):
        await outside.pay(fee=outside.fee(issuer))
    outside.tell(Mode.ERROR, "ImportAndPublishInv", code="20", times=2)
    await outside.ask()

    mine = (await door.get("/v1/outside-issues", ACCOUNTANT, state="refused")).json()["items"]
    assert [(one["issuer"], one["refusal"]) for one in mine] == [("vnpt", "ERR:20")] * 2
    assert len((await door.get("/v1/outside-issues", BOTH)).json()["items"]) == 3
    assert (await door.get("/v1/outside-issues", ELSEWHERE)).json()["items"] == []
    for stranger in (PORTAL, CITIZEN, PUBLIC):
        assert (await door.get("/v1/outside-issues", stranger)).status_code == 403
        assert (await door.get("/v1/outside-findings", stranger)).status_code == 403
    first = (await door.get("/v1/outside-issues", BOTH, limit=2)).json()
    rest = (await door.get("/v1/outside-issues", BOTH, limit=2, cursor=first["next_cursor"])).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert SECRET["full_name"] not in str(first)


async def test_an_accountant_asks_again_and_settles_what_was_found(
    door: Door, outside: Town, clock: FrozenClock
) -> None:
    fee = outside.fee(VNPT)
    await outside.pay(fee=fee)
    outside.tell(Mode.ERROR, "ImportAndPublishInv", code="3")
    await outside.ask()
    (order,) = (await door.get("/v1/outside-issues", ACCOUNTANT)).json()["items"]
    retry = f"/v1/outside-issues/{order['id']}/retry"
    payer = {"full_name": "Nguyễn Thị Ánh Nguyệt", "address": "Đồng Nai"}

    assert (await door.post(retry, ELSEWHERE, json={})).status_code == 404
    bad = await door.post(retry, ACCOUNTANT, json={"payer": {"full_name": "a\u202eb"}})
    assert bad.status_code == 422
    for _ in range(2):
        said = await door.post(retry, ACCOUNTANT, json={"payer": payer})
        assert (said.status_code, said.json()["state"]) == (200, "waiting")
    await outside.ask()
    again = await door.post(retry, ACCOUNTANT, json={"payer": payer})
    assert (again.json()["state"], again.json()["printed_number"]) == ("issued", "0000001")
    assert (await door.get("/v1/outside-findings", ACCOUNTANT)).json()["items"] == []

    (closed,) = (await door.get("/v1/outside-findings", ACCOUNTANT, closed="true")).json()["items"]
    path = f"/v1/outside-findings/{closed['id']}/closing"
    first_word = await door.post(path, ACCOUNTANT, json={"note": "Đã sửa tên người nộp"})
    assert (first_word.json()["closed_by"], first_word.json()["note"]) == ("officer", None)
    assert (await door.post(path, ELSEWHERE, json={"note": "x"})).status_code == 404
