"""Corrections through the door: who may, what comes back, and what the tax office is told."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.receipt.domain.amendments.amendment import AmendmentType
from services.receipt.domain.amendments.content import LineChange
from services.receipt.domain.receipts.receipt import Form
from services.receipt.storage.receipts.receipts import SqlArchive
from tests.receipt.amendments.conftest import Desk
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, OFFICER, PORTAL, PUBLIC, Door, door
from tests.receipt.renderers.test_receipt_schema import fits
from tests.receipt.samples import SECRET

__all__ = ["door", "fits"]

ACCOUNTANT = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.amend"}))
OTHER = replace(ACCOUNTANT, subject="other")
AUDITOR = replace(OFFICER, roles=frozenset({"auditor"}))
STRANGER = replace(ELSEWHERE, scopes=ACCOUNTANT.scopes)
ASKED: dict[str, Any] = {
    "type": "replacement",
    "reason": "Ghi sai tên <người nộp> & số tiền",
    "lines": [{"position": 1, "amount": 80_000}],
    "payer": {"full_name": "Trần Thị Mai"},
}


async def test_asked_approved_shown_and_told(door: Door, desk: Desk) -> None:
    receipt = await desk.issue()
    asked = await door.post(f"/v1/receipts/{receipt.id}/amendments", ACCOUNTANT, json=ASKED)
    assert asked.status_code == 201, asked.text
    path = f"/v1/receipt-amendments/{asked.json()['id']}"
    assert (await door.get(f"{path}/notice.xml", AUDITOR)).status_code == 404
    same = await door.post(f"{path}/approval", ACCOUNTANT)
    assert (same.status_code, same.json()["code"]) == (403, "same_person")

    approved = (await door.post(f"{path}/approval", OTHER)).json()

    assert (approved["state"], approved["notice"]) == (
        "approved",
        {"number": 1, "year": 2026, "on": "2026-11-23"},
    )
    assert "Trần Thị Mai" not in str(approved)
    await desk.sign()
    made = (await door.get(f"/v1/receipts/{approved['result_id']}", ACCOUNTANT)).json()
    assert (made["type"], made["standing"], made["amount"]["amount"]) == (
        "replacement",
        "valid",
        80_000,
    )
    assert made["corrects"]["id"] == str(receipt.id)
    old = (await door.get(f"/v1/receipts/{receipt.id}", PORTAL)).json()
    assert old["standing"] == "replaced"
    notice = ET.fromstring((await door.get(f"{path}/notice.xml", AUDITOR)).content)
    told = {one.tag: one.text for one in notice.iter() if one.text}
    assert (told["SBTBao"], told["LCTDT"], told["TCTBao"]) == ("0001/2026", "3", "Thay thế")
    assert (told["SCTu"], told["LDo"]) == (receipt.number.printed, ASKED["reason"])


async def test_the_public_page_says_which_receipt_counts(door: Door, desk: Desk) -> None:
    receipt = await desk.issue()
    amendment = await desk.correct(
        receipt, AmendmentType.REPLACEMENT, changes=[LineChange(position=1, amount=80_000)]
    )
    await desk.sign()
    made = await desk.now(amendment.result_id)

    looked = await door.post(
        "/v1/receipt-lookups", PUBLIC, json={"code": receipt.lookup_code, "amount": 90_000}
    )

    shown = looked.json()
    assert (shown["standing"], shown["state"]) == ("replaced", "replaced")
    assert shown["linked"] == [
        {
            "relation": "replaced_by",
            "form_code": "01BLP0-001",
            "symbol": "AA-26E",
            "printed_number": made.number.printed,
        }
    ]
    assert made.lookup_code not in looked.text


async def test_listed_by_state_and_apart_by_agency(door: Door, desk: Desk) -> None:
    receipts = [await desk.issue() for _ in range(3)]
    ids = [
        (await door.post(f"/v1/receipts/{one.id}/amendments", ACCOUNTANT, json=ASKED)).json()["id"]
        for one in receipts
    ]
    note = {"note": "Không có căn cứ"}
    rejected = await door.post(f"/v1/receipt-amendments/{ids[0]}/rejection", OTHER, json=note)
    assert (rejected.json()["state"], rejected.json()["note"]) == ("rejected", note["note"])

    first = (await door.get("/v1/receipt-amendments", AUDITOR, state="waiting", limit=1)).json()
    more = (
        await door.get(
            "/v1/receipt-amendments", AUDITOR, state="waiting", cursor=first["next_cursor"]
        )
    ).json()
    found = {one["id"] for page in (first, more) for one in page["items"]}
    assert found == set(ids[1:])
    assert (await door.get("/v1/receipt-amendments", STRANGER)).json()["items"] == []
    mine = f"/v1/receipt-amendments/{ids[1]}"
    assert (await door.get(mine, AUDITOR)).status_code == 200
    for answer in (
        await door.get(mine, STRANGER),
        await door.post(f"{mine}/approval", STRANGER),
        await door.post(f"{mine}/rejection", STRANGER, json=note),
        await door.post(f"/v1/receipts/{receipts[0].id}/amendments", STRANGER, json=ASKED),
    ):
        assert answer.status_code == 404
    for caller in (CITIZEN, PORTAL, AUDITOR):
        path = f"/v1/receipts/{receipts[0].id}/amendments"
        assert (await door.post(path, caller, json=ASKED)).status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"lines": [{"position": 2, "amount": 1}]}, 422, "amendment_content_not_fitting"),
        (
            {"type": "cancellation", "lines": [], "payer": None},
            422,
            "amendment_content_not_fitting",
        ),
        ({"reason": "một\nhai"}, 422, "invalid"),
        ({"reason": " "}, 422, "invalid"),
        ({"lines": [{"position": 1, "amount": -1}]}, 422, "invalid"),
        ({"lines": [{"position": 1, "amount": 90_001}]}, 409, "more_than_was_paid"),
    ],
)
async def test_what_is_wrong_is_said(
    door: Door, desk: Desk, change: dict[str, Any], status: int, code: str
) -> None:
    receipt = await desk.issue()

    refused = await door.post(
        f"/v1/receipts/{receipt.id}/amendments", ACCOUNTANT, json=ASKED | change
    )

    assert (refused.status_code, refused.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("type_", "changes"),
    [
        (AmendmentType.REPLACEMENT, [LineChange(position=1, amount=80_000)]),
        (AmendmentType.DECREASE, [LineChange(position=1, amount=1)]),
        (AmendmentType.INFORMATION, [LineChange(position=1, name="Lệ phí cấp đổi")]),
    ],
)
async def test_every_correction_fits_the_schema_and_has_a_page(
    door: Door,
    desk: Desk,
    fits: Callable[[bytes], bool],
    type_: AmendmentType,
    changes: list[LineChange],
) -> None:
    receipt = await desk.issue()
    amendment = await desk.correct(receipt, type_, changes=changes)
    await desk.sign()

    xml = await SqlArchive(desk.database).find_document(amendment.result_id or receipt.id, Form.XML)
    page = await door.get(f"/v1/receipts/{amendment.result_id}/pdf", ACCOUNTANT)

    assert xml is not None
    assert fits(xml.body)
    assert page.status_code == 200
    assert page.content.startswith(b"%PDF-")
    assert SECRET["full_name"] not in page.headers.values()


async def test_the_day_and_the_quarter_count_what_still_counts(door: Door, desk: Desk) -> None:
    kept, wrong, gone = [await desk.issue() for _ in range(3)]
    less = [LineChange(position=1, amount=10_000)]
    await desk.correct(kept, AmendmentType.DECREASE, changes=less)
    await desk.correct(wrong, AmendmentType.REPLACEMENT, changes=less)
    await door.post(
        f"/v1/receipts/{gone.id}/amendments",
        ACCOUNTANT,
        json={"type": "cancellation", "reason": "x", "ground": "service_failed"},
    )
    waiting = (await door.get("/v1/receipt-amendments", AUDITOR, state="waiting")).json()
    await door.post(f"/v1/receipt-amendments/{waiting['items'][0]['id']}/approval", OTHER)
    await desk.sign()

    usage = await door.get("/v1/receipt-usage", AUDITOR, agency="H19.25", period="2026-11")
    reporter = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.report"}))
    day = {"agency_code": "H19.25", "day": "2026-11-23"}
    summary = (await door.post("/v1/receipt-summaries", reporter, json=day)).json()

    (series,) = usage.json()["items"]
    # 90,000 less 10,000; 10,000 in the place of 90,000; nothing.
    assert (series["count"], series["amount"]) == (5, 90_000)
    assert (series["cancelled"], series["replaced"]) == (1, 1)
    assert (summary["documents"], summary["amount"]) == (5, 90_000)
    file = await door.get(
        "/v1/receipt-summary-files/summary.xml", AUDITOR, agency="H19.25", day="2026-11-23"
    )
    assert file.text.count("<TThai>replaced</TThai>") == 1
    assert file.text.count("<TThai>cancelled</TThai>") == 1
