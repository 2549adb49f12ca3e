"""A file somebody brought: is it ours, is it whole, and does it still stand."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from chassis.auth import TokenMinter
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.receipt_checker import VerifierProgram
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.main import create_app
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.receipts.tables import RECEIPT_DOCUMENT
from tests.receipt.api.conftest import PUBLIC, Door
from tests.receipt.api.test_refunded import refunded
from tests.receipt.consumers.test_payment_succeeded import take
from tests.receipt.samples import SECRET

PATH = "/v1/receipt-checks"


@pytest.fixture
async def judging(
    settings: ReceiptSettings, database: Database, clock: FrozenClock
) -> AsyncIterator[Door]:
    """With the offline verifier and the published anchors, as the platform is put together."""
    anchors = settings.keys_dir.parent / "trust" / "anchors.json"
    app = create_app(settings, database=database, clock=clock, checker=VerifierProgram(anchors))
    minter = TokenMinter.from_directory(
        "gateway", settings.keys_dir / "internal", clock=clock, ids=SystemIds()
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://receipt"
    ) as client:
        yield Door(client, minter)


async def document(door: Door, receipt: Receipt, form: str) -> bytes:
    answer = await door.get(f"/v1/receipt-lookups/{receipt.lookup_code}/{form}", PUBLIC)
    assert answer.status_code == 200
    return answer.content


async def checked(door: Door, file: bytes) -> dict[str, Any]:
    answer = await door.post(PATH, PUBLIC, content=file)
    assert answer.status_code == 200, answer.text
    for personal in SECRET.values():
        assert str(personal) not in answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("form", ["xml", "pdf"])
async def test_the_very_file_is_known_its_signatures_hold_and_its_standing_is_said(
    judging: Door, issued: list[Receipt], form: str
) -> None:
    body = await checked(judging, await document(judging, issued[0], form))

    assert (body["form"], body["origin"]) == (form, "issued")
    assert body["signatures"]["judged"]
    assert body["signatures"]["valid"], body["signatures"]
    assert body["receipt"]["standing"] == "valid"
    assert body["receipt"]["amount"]["amount"] == issued[0].amount.minor_units
    assert issued[0].lookup_code not in str(body)


async def test_one_digit_changed_in_the_xml_is_refused_with_the_reason(
    judging: Door, issued: list[Receipt]
) -> None:
    xml = await document(judging, issued[0], "xml")
    changed = xml.replace(b"1134567", b"9134567")
    assert changed != xml

    body = await checked(judging, changed)

    assert (body["origin"], body["receipt"]) == ("unknown", None)
    assert (body["signatures"]["judged"], body["signatures"]["valid"]) == (True, False)
    (reason,) = body["signatures"]["items"]
    assert (reason["name"], reason["valid"]) == ("receipt", False)
    assert reason["detail"]


async def test_a_pdf_that_was_added_to_after_signing_is_refused_with_the_reason(
    judging: Door, issued: list[Receipt]
) -> None:
    pdf = await document(judging, issued[0], "pdf")

    body = await checked(judging, pdf + b"\n% one more line\n")

    assert (body["origin"], body["signatures"]["valid"]) == ("unknown", False)
    assert body["signatures"]["items"][0]["name"] == "page"


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">'
    + b"".join(b'<!ENTITY %c "%s">' % (99 + n, b"&%c;" % (98 + n) * 10) for n in range(12))
    + b"]><a>&n;</a>"
)


@pytest.mark.parametrize(
    "file",
    [
        BOMB,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"<?xml version='1.0'?>" + b"<a>" * 100_000,
        b"<?xml",
        b"%PDF-1.7\n" + b"1 0 obj << /Kids [1 0 R] >>\n" * 1_000,
        b"%PDF-",
    ],
    ids=["bomb", "external entity", "depth", "nothing", "circle", "no page"],
)
async def test_a_hostile_file_is_refused_with_a_reason_and_shows_nothing_of_ours(
    judging: Door, file: bytes
) -> None:
    body = await checked(judging, file)

    assert (body["origin"], body["signatures"]["valid"]) == ("unknown", False)
    assert [one["valid"] for one in body["signatures"]["items"]] == [False]
    assert body["signatures"]["items"][0]["detail"]
    assert "root:" not in str(body)


async def test_the_standing_is_todays_and_the_signature_stays_good(
    judging: Door, issued: list[Receipt], tools: Tools
) -> None:
    xml = await document(judging, issued[0], "xml")
    await take(refunded(issued[0], issued[0].amount.minor_units), tools)

    body = await checked(judging, xml)

    assert (body["origin"], body["signatures"]["valid"]) == ("issued", True)
    assert body["receipt"]["standing"] == "refunded"


async def test_without_a_verifier_bytes_are_compared_and_that_is_said(
    door: Door, issued: list[Receipt]
) -> None:
    xml = await document(door, issued[0], "xml")

    ours, changed = await checked(door, xml), await checked(door, xml + b" ")

    assert (ours["origin"], changed["origin"]) == ("issued", "unknown")
    for body in (ours, changed):
        assert body["signatures"] == {"judged": False, "valid": None, "items": []}


@pytest.mark.parametrize("file", [b"", b"PK\x03\x04 a bundle", b"GIF89a", b"<html>"])
async def test_what_is_neither_xml_nor_pdf_is_refused(door: Door, file: bytes) -> None:
    answer = await door.post(PATH, PUBLIC, content=file)

    assert (answer.status_code, answer.json()["code"]) == (422, "neither_xml_nor_pdf")


async def test_a_file_larger_than_any_receipt_is_refused(door: Door) -> None:
    answer = await door.post(PATH, PUBLIC, content=b"%PDF-" + b"x" * 1_000_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_nothing_of_a_file_is_kept_or_logged(
    judging: Door,
    issued: list[Receipt],
    database: Database,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    xml = await document(judging, issued[0], "xml")
    before = await _documents(database)

    await checked(judging, xml.replace(b"1134567", b"9134567") + b"<!-- remembered -->")

    assert await _documents(database) == before
    said = capfd.readouterr()
    for text in (said.out, said.err, caplog.text):
        assert "remembered" not in text
        assert "9134567" not in text


async def _documents(database: Database) -> int:
    async with database.read() as connection:
        counted = await connection.execute(select(func.count()).select_from(RECEIPT_DOCUMENT))
        return int(counted.scalar_one())
