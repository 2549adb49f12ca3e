"""Many receipts at once: named when asked for, ready when all are there, given out in parts."""

import io
import json
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from chassis.canonical import sha256_hex
from services.receipt.domain.reports import download
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.use_cases.reports import downloads
from services.receipt.use_cases.reports.downloads import PackTools, prepare_downloads
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, PORTAL, Door
from tests.receipt.reports.conftest import Office
from tests.receipt.reports.test_report_api import ACCOUNTANT

PATH = "/v1/receipt-downloads"
DAY: dict[str, Any] = {
    "agency_code": "H19.25",
    "first_day": "2026-11-23",
    "last_day": "2026-11-23",
}


@pytest.fixture
def packing(office: Office, signing_key: FileSigner) -> PackTools:
    return PackTools(
        open_reporting=office.tools.open_reporting,
        open_uow=office.new_uow,
        archive=SqlArchive(office.database),
        pages=PdfReceiptSigner(
            OneSigner(signing_key), lookup_page="https://phi.example.vn", clock=office.clock
        ),
        seals=office.seals,
        clock=office.clock,
    )


async def ask(door: Door, key: str = "a-key-of-mine", **body: Any) -> httpx.Response:
    headers = {"idempotency-key": key}
    return await door.post(PATH, ACCOUNTANT, json={**DAY, **body}, headers=headers)


async def test_every_file_is_in_one_part_and_is_what_the_manifest_says(
    door: Door, office: Office, packing: PackTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "PART_RECEIPTS", 2)
    issued = await office.issue(1_000, 2_000, 3_000)
    asked = (await ask(door, pdf=True)).json()
    assert (asked["state"], asked["receipts"], asked["done"], asked["parts"]) == ("asked", 3, 0, 2)
    first = f"{PATH}/{asked['id']}/parts/1"
    assert (await door.get(first, ACCOUNTANT)).json()["code"] == "download_not_ready"
    await office.issue(4_000)

    assert await prepare_downloads(tools=packing) == 1
    assert await prepare_downloads(tools=packing) == 0
    told = (await door.get(f"{PATH}/{asked['id']}", ACCOUNTANT)).json()
    assert (told["state"], told["done"], told["receipts"]) == ("ready", 3, 3)
    names: list[str] = []
    for number in (1, 2):
        part = await door.get(f"{PATH}/{asked['id']}/parts/{number}", ACCOUNTANT)
        again = await door.get(f"{PATH}/{asked['id']}/parts/{number}", ACCOUNTANT)
        assert part.content == again.content
        with ZipFile(io.BytesIO(part.content)) as packed:
            assert packed.testzip() is None
            files = json.loads(packed.read("manifest.json"))["files"]
            assert ["manifest.json", *(one["name"] for one in files)] == packed.namelist()
            for one in files:
                assert sha256_hex(packed.read(one["name"])) == one["sha256"]
                names.append(one["name"])
    assert sorted(names) == [
        f"bien-lai-H19.25-AA-26E-{one.number.printed}.{form}"
        for one in issued[:3]
        for form in ("pdf", "xml")
    ]
    assert (await door.get(f"{PATH}/{asked['id']}/parts/3", ACCOUNTANT)).status_code == 404


async def test_a_repeat_is_the_same_download_and_another_request_under_its_key_is_refused(
    door: Door, office: Office
) -> None:
    await office.issue(1_000)
    first, again = await ask(door), await ask(door)
    assert (first.status_code, first.json()) == (202, again.json())
    other = await ask(door, pdf=True)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_nobody_else_gets_the_parts(door: Door, office: Office, packing: PackTools) -> None:
    await office.issue(1_000)
    asked = (await ask(door)).json()
    await prepare_downloads(tools=packing)
    other = replace(ACCOUNTANT, subject="colleague")
    for path in (f"{PATH}/{asked['id']}", f"{PATH}/{asked['id']}/parts/1"):
        assert (await door.get(path, ACCOUNTANT)).status_code == 200
        assert (await door.get(path, other)).status_code == 404
        assert (await door.get(path, CITIZEN)).status_code == 403
    headers = {"idempotency-key": "a-key-of-mine"}
    far = replace(ACCOUNTANT, agencies=ELSEWHERE.agencies)
    assert (await door.post(PATH, far, json=DAY, headers=headers)).status_code == 404
    assert (await door.post(PATH, PORTAL, json=DAY, headers=headers)).status_code == 403


async def test_more_receipts_than_one_download_holds_are_refused(
    door: Door, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "RECEIPTS_MAX", 2)
    await office.issue(1_000, 2_000, 3_000)
    refused = await ask(door)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_receipts")
