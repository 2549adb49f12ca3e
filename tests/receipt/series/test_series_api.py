"""What an accountant does about series through the door, and what others may not."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from chassis.testing import FrozenClock
from services.receipt.domain.receipts.fee import Delegate
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.renderers.receipt_xml import NAMESPACE, XmlReceiptSigner
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, OFFICER, PORTAL, Door, door
from tests.receipt.renderers.test_receipt_schema import fits
from tests.receipt.samples import NOON, OTHER_BODY, PAYER, receipt
from tests.receipt.series.conftest import Calendar

__all__ = ["door", "fits"]

ACCOUNTANT = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.series"}))
STRANGER = replace(ELSEWHERE, scopes=ACCOUNTANT.scopes)
AUDITOR = replace(OFFICER, roles=frozenset({"auditor"}))
SERIES = "/v1/receipt-series"
KT = {"agency_code": "H19.25", "form_code": "01BLP0-001", "symbol": "KT-26E"}
PLAN = {"agency_code": "H19.25", "year": 2026, "letters": "KT"}
DRAFT: dict[str, Any] = {
    "agency_code": "H19.25",
    "kind": "new",
    "agency_name": "Ủy ban nhân dân phường Trần Phú",
    "tax_code": "0100109106",
    "tax_office": {"name": "Thuế cơ sở 1", "code": "10105"},
    "contact": {
        "name": "Nguyễn Văn Hòa",
        "address": "Số 1 & 2 <đường> Trần Phú",
        "phone": "024 3825 1234",
        "email": "ketoan@example.vn",
    },
    "forms": ["01BLP0-001"],
}
DELEGATION: dict[str, Any] = {
    "agency_code": "H19.25",
    "delegate": {
        "name": "Phường Láng",
        "tax_code": "0100109107-001",
        "address": "Số 5 phố Láng",
        "agreement": "12/HĐUN-2026",
        "agency_code": "H19.31",
    },
    "purpose": "Thu phí tại chỗ",
    "notified_on": "2026-11-23",
    "valid_from": "2026-11-26",
    "valid_to": "2026-12-31",
}


@pytest.fixture
def settings(settings: ReceiptSettings, request: pytest.FixtureRequest) -> ReceiptSettings:
    strict = request.node.get_closest_marker("registered_only") is not None
    return settings.model_copy(update={"series_must_be_registered": strict})


async def test_planned_opened_closed_listed_and_exported(door: Door, calendar: Calendar) -> None:
    planned = await door.post(SERIES, ACCOUNTANT, json=PLAN)
    assert (planned.status_code, planned.json()["state"]) == (201, "planned")
    await door.post(SERIES, ACCOUNTANT, json=PLAN | {"letters": "BL"})
    opened = await door.post(f"{SERIES}/opening", ACCOUNTANT, json=KT)
    assert (opened.json()["state"], opened.json()["opened_by"]) == ("open", "officer")
    await calendar.sign(await calendar.pay())

    closed = await door.post(f"{SERIES}/closing", ACCOUNTANT, json=KT | {"reason": "đổi ký hiệu"})

    body = closed.json()
    assert (body["state"], body["closing"], body["last_number"]) == ("closed", "by_hand", 1)
    first = (await door.get(SERIES, AUDITOR, limit=1)).json()
    second = (await door.get(SERIES, AUDITOR, limit=1, cursor=first["next_cursor"])).json()
    assert [one["symbol"] for page in (first, second) for one in page["items"]] == [
        "BL-26E",
        "KT-26E",
    ]
    assert second["next_cursor"] is None
    only = (await door.get(SERIES, AUDITOR, state="planned", year=2026)).json()["items"]
    assert [one["symbol"] for one in only] == ["BL-26E"]
    file = await door.get("/v1/receipt-series-files/receipt-series.csv", AUDITOR)
    rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert [(row["symbol"], row["reason"]) for row in rows] == [
        ("BL-26E", ""),
        ("KT-26E", "đổi ký hiệu"),
    ]


async def test_nobody_else_reaches_an_agencys_series(door: Door, calendar: Calendar) -> None:
    await door.post(SERIES, ACCOUNTANT, json=PLAN)

    assert (await door.post(SERIES, STRANGER, json=PLAN | {"letters": "BL"})).status_code == 404
    for deed in ("opening", "closing"):
        asked = KT | ({"reason": "x"} if deed == "closing" else {})
        assert (await door.post(f"{SERIES}/{deed}", STRANGER, json=asked)).status_code == 404
    assert (await door.get(SERIES, STRANGER)).json()["items"] == []
    assert (await door.get(SERIES, STRANGER, agency="H19.25")).status_code == 404
    for caller in (CITIZEN, PORTAL, AUDITOR):
        assert (await door.post(SERIES, caller, json=PLAN)).status_code == 403


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"letters": "BI"}, "symbol_not_allowed"),
        ({"form_code": "01BLP2-001"}, "form_not_allowed"),
        ({"form_code": "02BLP0-001"}, "face_value_mismatch"),
        ({"year": 2029}, "year_not_allowed"),
    ],
)
async def test_a_wrong_plan_is_refused_with_its_reason(
    door: Door, calendar: Calendar, change: dict[str, Any], code: str
) -> None:
    refused = await door.post(SERIES, ACCOUNTANT, json=PLAN | change)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.registered_only
async def test_without_an_accepted_registration_there_is_no_series(
    door: Door, calendar: Calendar
) -> None:
    calendar.must_be_planned = True
    refused = await door.post(SERIES, ACCOUNTANT, json=PLAN)
    assert (refused.status_code, refused.json()["code"]) == (409, "receipt_series_not_registered")

    drafted = (await door.post("/v1/series-registrations", ACCOUNTANT, json=DRAFT)).json()
    path = f"/v1/series-registrations/{drafted['id']}"
    early = await door.post(
        f"{path}/answer", ACCOUNTANT, json={"accepted": True, "on": "2026-11-24", "answer": "1"}
    )
    assert early.status_code == 409
    assert (await door.post(f"{path}/submission", ACCOUNTANT)).json()["state"] == "submitted"
    assert (await door.post(SERIES, ACCOUNTANT, json=PLAN)).status_code == 409
    answered = await door.post(
        f"{path}/answer", ACCOUNTANT, json={"accepted": True, "on": "2026-11-24", "answer": "TB-1"}
    )

    assert (answered.json()["state"], answered.json()["answer"]) == ("accepted", "TB-1")
    assert (await door.post(SERIES, ACCOUNTANT, json=PLAN)).status_code == 201
    ticket = PLAN | {"letters": "TV", "form_code": "02BLP0-001", "face_value": 2000}
    assert (await door.post(SERIES, ACCOUNTANT, json=ticket)).status_code == 409
    assert (await calendar.pay()).number.series.symbol == "KT-26E"


async def test_the_form_names_the_agency_its_forms_and_its_certificate(
    door: Door, calendar: Calendar
) -> None:
    await door.post("/v1/issue-delegations", ACCOUNTANT, json=DELEGATION)
    drafted = (await door.post("/v1/series-registrations", ACCOUNTANT, json=DRAFT)).json()

    form = await door.get(f"/v1/series-registrations/{drafted['id']}/xml", AUDITOR)

    root = ET.fromstring(form.content)
    found = {one.tag: one.text for one in root.iter() if one.text}
    assert (found["MSo"], found["HThuc"], found["MCQTQLy"]) == ("01/ĐKTĐ-CTĐT", "1", "10105")
    assert found["DCLHe"] == "Số 1 & 2 <đường> Trần Phú"
    assert (found["BLTPLPKIn"], found["BLTPLPIn"]) == ("1", "0")
    assert found["Seri"] == drafted["certificates"][0]["serial"]
    assert found["MDich"] == "Thu phí tại chỗ"
    assert (
        await door.get(f"/v1/series-registrations/{drafted['id']}/xml", STRANGER)
    ).status_code == 404
    listed = await door.get("/v1/series-registrations", AUDITOR)
    assert [one["id"] for one in listed.json()["items"]] == [drafted["id"]]
    assert (await door.get("/v1/series-registrations", STRANGER)).json()["items"] == []


async def test_in_delegated_issue_the_receipt_names_both_and_the_delegate_signs(
    door: Door, calendar: Calendar, clock: FrozenClock, new_uow: Callable[[], SqlUnitOfWork]
) -> None:
    async with new_uow() as uow:
        await uow.collecting_bodies.save(OTHER_BODY, published_at=NOON)
    added = await door.post("/v1/issue-delegations", ACCOUNTANT, json=DELEGATION)
    assert added.status_code == 201, added.text
    before = await calendar.pay()
    clock.advance(timedelta(days=3))
    during = await calendar.pay()

    ended = await door.post(f"/v1/issue-delegations/{added.json()['id']}/end", ACCOUNTANT)
    assert ended.json()["ended_on"] == "2026-11-27"
    last = await calendar.pay()
    clock.advance(timedelta(days=1))
    after = await calendar.pay()

    assert (before.collecting_body.delegate, after.collecting_body.delegate) == (None, None)
    for one in (during, last):
        assert one.collecting_body.delegate == Delegate(**DELEGATION["delegate"])
        assert one.collecting_body.signing_agency == "H19.31"
        async with calendar.open_uow() as uow:
            stored = await uow.receipts.list_of_payment(one.fee.payment_intent_id)
        assert [each.collecting_body for each in stored] == [one.collecting_body]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"valid_from": "2026-11-25"}, 422, "delegation_too_soon"),
        ({"valid_from": "2026-12-31"}, 409, "delegation_overlaps"),
        ({"valid_to": "2026-11-25"}, 422, "invalid"),
        ({"agency_code": "H19.26"}, 404, "receipt_series_not_found"),
    ],
)
async def test_a_wrong_delegation_is_refused_with_its_reason(
    door: Door, calendar: Calendar, change: dict[str, Any], status: int, code: str
) -> None:
    await door.post("/v1/issue-delegations", ACCOUNTANT, json=DELEGATION)

    refused = await door.post("/v1/issue-delegations", ACCOUNTANT, json=DELEGATION | change)

    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_the_signed_xml_names_the_delegate(
    signer: XmlReceiptSigner, fits: Callable[[bytes], bool]
) -> None:
    plain: Receipt = receipt()
    body = replace(plain.collecting_body, delegate=Delegate(**DELEGATION["delegate"]))

    xml = await signer.sign(replace(plain, collecting_body=body), PAYER, at=NOON)

    assert fits(xml)
    found = ET.fromstring(xml).find(f".//{{{NAMESPACE}}}DVUNhiem/{{{NAMESPACE}}}Ten")
    assert found is not None
    assert found.text == "Phường Láng"
