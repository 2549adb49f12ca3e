import asyncio
from uuid import uuid4

import pytest

from chassis.auth import Caller
from chassis.canonical import sha256_hex
from chassis.db import Database
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.storage.receipts.receipts import SqlArchive
from tests.receipt.api.conftest import (
    CITIZEN,
    ELSEWHERE,
    OFFICER,
    OTHER_PORTAL,
    PORTAL,
    PUBLIC,
    USER,
    Door,
)
from tests.receipt.samples import INTENT_ID, SECRET


async def test_a_receipt_is_shown_to_its_portal_without_the_payer(
    door: Door, issued: list[Receipt]
) -> None:
    answer = await door.get(f"/v1/receipts/{issued[0].id}")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["kind"], body["number"], body["printed_number"]) == ("phi", 1, "00000001")
    assert body["amount"] == {"amount": 1_134_567, "currency": "VND"}
    assert body["amount_in_words"].startswith("Một triệu một trăm ba mươi bốn nghìn")
    assert (body["status"], body["part"], body["parts"]) == ("issued", 1, 2)
    assert body["agency"]["tax_code"] == "3600123456"
    assert body["issued_at"].endswith("Z")
    for personal in SECRET.values():
        assert str(personal) not in answer.text


async def test_the_receipts_of_a_payment_come_together(door: Door, issued: list[Receipt]) -> None:
    mine = await door.get("/v1/receipts", payment_intent_id=str(INTENT_ID))
    officers = await door.get("/v1/receipts", OFFICER, payment_intent_id=str(INTENT_ID))
    others = [
        await door.get("/v1/receipts", caller, payment_intent_id=str(INTENT_ID))
        for caller in (OTHER_PORTAL, ELSEWHERE, CITIZEN)
    ]

    assert [one["kind"] for one in mine.json()["items"]] == ["phi", "le_phi"]
    assert officers.json() == mine.json()
    assert [one.json()["items"] for one in others] == [[], [], []]


@pytest.mark.parametrize(
    "caller", [OTHER_PORTAL, USER, PUBLIC, CITIZEN, ELSEWHERE], ids=lambda one: one.subject
)
@pytest.mark.parametrize("path", ["", "/xml", "/pdf"])
async def test_what_is_not_yours_looks_like_what_is_not_there(
    door: Door, issued: list[Receipt], caller: Caller, path: str
) -> None:
    theirs = await door.get(f"/v1/receipts/{issued[0].id}{path}", caller)
    nothing = await door.get(f"/v1/receipts/{uuid4()}{path}", PORTAL)

    assert theirs.status_code == nothing.status_code == 404
    unnumbered = [{**answer.json(), "request_id": ""} for answer in (theirs, nothing)]
    assert unnumbered[0] == unnumbered[1]
    assert theirs.json()["code"] == "receipt_not_found"


async def test_the_original_comes_byte_for_byte_with_its_digest_as_etag(
    door: Door, issued: list[Receipt], database: Database
) -> None:
    path = f"/v1/receipts/{issued[0].id}/xml"
    answer = await door.get(path)
    stored = await SqlArchive(database).find_document(issued[0].id, Form.XML)

    assert stored is not None
    assert answer.content == stored.body
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["etag"] == f'"{sha256_hex(answer.content)}"'
    assert "bien-lai-AA-26E-00000001.xml" in answer.headers["content-disposition"]
    assert "private" in answer.headers["cache-control"]
    again = await door.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await door.get(path, headers={"If-None-Match": '"something else"'})
    assert other.content == answer.content


async def test_the_page_is_the_same_for_all_who_ask_at_once_and_ever_after(
    door: Door, issued: list[Receipt]
) -> None:
    path = f"/v1/receipts/{issued[0].id}/pdf"

    answers = await asyncio.gather(*(door.get(path) for _ in range(3)))
    later = await door.get(path, OFFICER)

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {later.content}
    assert later.content.startswith(b"%PDF-")
    assert later.headers["content-type"] == "application/pdf"
    assert later.headers["etag"] == f'"{sha256_hex(later.content)}"'


@pytest.mark.parametrize("form", ["xml", "pdf"])
async def test_a_numbered_receipt_is_visible_but_has_no_file_yet(
    door: Door, numbered: list[Receipt], form: str
) -> None:
    shown = await door.get(f"/v1/receipts/{numbered[0].id}")
    file = await door.get(f"/v1/receipts/{numbered[0].id}/{form}")

    assert shown.json()["status"] == "numbered"
    assert shown.json()["issued_at"] is None
    assert (file.status_code, file.json()["code"]) == (409, "receipt_not_issued_yet")


async def test_the_service_is_up_when_its_tables_are_there(door: Door) -> None:
    assert (await door.client.get("/health/ready")).status_code == 200
    assert (await door.client.get(f"/v1/receipts/{uuid4()}")).status_code == 401
