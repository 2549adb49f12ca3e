"""Many receipts for a printer: their pages behind a cover, and no signature that they had."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.receipt.domain.receipts.receipt import Form
from services.receipt.domain.reports import download
from services.receipt.renderers import receipt_print
from services.receipt.renderers.receipt_print import PrintBinder
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.use_cases.reports.downloads import PackTools, prepare_downloads
from tests.receipt.api.conftest import CITIZEN, Door
from tests.receipt.renderers.conftest import program
from tests.receipt.reports.conftest import Office
from tests.receipt.reports.test_downloads import PATH, ask, packing
from tests.receipt.reports.test_report_api import ACCOUNTANT

__all__ = ["packing"]


def run(name: str, *arguments: object) -> str:
    command = [program(name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def words(pdf: bytes, folder: Path) -> list[str]:
    """Of each page."""
    (folder / "print.pdf").write_bytes(pdf)
    told = run("pdftotext", "-layout", folder / "print.pdf", "-")
    return told.split("\f")[:-1]


async def test_every_receipt_is_a_page_behind_a_cover_that_says_what_it_is(
    door: Door,
    office: Office,
    packing: PackTools,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "PART_RECEIPTS", 2)
    issued = await office.issue(1_000, 2_000, 3_000)
    asked = (await ask(door, pdf=True)).json()
    early = await door.get(f"{PATH}/{asked['id']}/prints/1", ACCOUNTANT)
    await prepare_downloads(tools=packing)

    first, second = [
        await door.get(f"{PATH}/{asked['id']}/prints/{number}", ACCOUNTANT) for number in (1, 2)
    ]
    again = await door.get(f"{PATH}/{asked['id']}/prints/1", ACCOUNTANT)
    cover, *pages = words(first.content, tmp_path)

    assert early.json()["code"] == "download_not_ready"
    assert first.headers["content-type"] == "application/pdf"
    assert first.content == again.content
    assert "không có chữ ký số và không thay thế bản gốc" in " ".join(cover.split())
    assert "254/2026/NĐ-CP, Điều 5 khoản 4" in " ".join(cover.split())
    assert [number.number.printed in cover for number in issued] == [True, True, False]
    assert [f"{amount}.000" in page for amount, page in zip((1, 2), pages, strict=True)] == [
        True,
        True,
    ]
    assert len(words(second.content, tmp_path)) == 2
    assert (await door.get(f"{PATH}/{asked['id']}/prints/3", ACCOUNTANT)).status_code == 404


async def test_others_find_a_sound_file_without_signatures_or_attachments(
    door: Door, office: Office, packing: PackTools, tmp_path: Path
) -> None:
    await office.issue(1_000, 2_000)
    asked = (await ask(door, pdf=True)).json()
    await prepare_downloads(tools=packing)
    bound = await door.get(f"{PATH}/{asked['id']}/prints/1", ACCOUNTANT)
    (tmp_path / "print.pdf").write_bytes(bound.content)

    assert "No syntax or stream encoding errors" in run("qpdf", "--check", tmp_path / "print.pdf")
    assert "does not contain any signatures" in run("pdfsig", tmp_path / "print.pdf")
    assert run("pdfdetach", "-list", tmp_path / "print.pdf").startswith("0 embedded")
    told = run("pdfinfo", tmp_path / "print.pdf")
    assert re.search(r"Pages:\s+3", told)
    # A date of the machine would make other bytes of the same receipts.
    assert "ModDate" not in told


async def test_only_who_asked_for_pages_gets_pages(
    door: Door, office: Office, packing: PackTools
) -> None:
    await office.issue(1_000)
    bare = (await ask(door)).json()
    await prepare_downloads(tools=packing)

    refused = await door.get(f"{PATH}/{bare['id']}/prints/1", ACCOUNTANT)
    citizen = await door.get(f"{PATH}/{bare['id']}/prints/1", CITIZEN)

    assert (refused.status_code, refused.json()["code"]) == (409, "download_has_no_pages")
    assert citizen.status_code == 403


def cut_short(pdf: bytes) -> bytes:
    return pdf[:2000]


def without_a_font(pdf: bytes) -> bytes:
    """Its pages can be counted; what they are drawn with cannot be read."""
    place = re.search(rb"\d+ 0 obj\n<</Type/Font\b", pdf)
    assert place is not None
    return pdf[: place.start()] + b"x" * len(place[0]) + pdf[place.end() :]


@pytest.mark.parametrize("spoil", [cut_short, without_a_font])
async def test_a_file_that_cannot_be_bound_is_named_and_keeps_back_no_other(
    door: Door,
    office: Office,
    packing: PackTools,
    tmp_path: Path,
    spoil: Callable[[bytes], bytes],
) -> None:
    broken, sound = await office.issue(1_000, 2_000)
    await ask(door, pdf=True)
    await prepare_downloads(tools=packing)
    reading = office.tools.open_reporting()
    async with reading:
        asked = await reading.downloads.find_by_key(ACCOUNTANT.subject, "a-key-of-mine")
    assert asked is not None
    archive = SqlArchive(office.database)
    files = []
    for one in (broken, sound):
        document = await archive.find_document(one.id, Form.PDF)
        assert document is not None
        files.append((one, document))
    files[0] = (broken, replace(files[0][1], body=spoil(files[0][1].body)))

    cover, *pages = words(await PrintBinder().bind(files, download=asked, number=1), tmp_path)

    assert f"phải in riêng: AA-26E {broken.number.printed}" in " ".join(cover.split())
    assert len(pages) == 1
    assert sound.number.printed in pages[0]


async def test_a_part_has_an_end(
    door: Door,
    office: Office,
    packing: PackTools,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receipt_print, "BYTES_MAX", 100_000)
    await office.issue(1_000, 2_000)
    asked = (await ask(door, pdf=True)).json()
    await prepare_downloads(tools=packing)

    bound = await door.get(f"{PATH}/{asked['id']}/prints/1", ACCOUNTANT)

    assert len(words(bound.content, tmp_path)) == 2
    assert "phải in riêng" in words(bound.content, tmp_path)[0]
