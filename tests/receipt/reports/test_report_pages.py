"""Number books and summaries as pages: every line, the head on each page, and the sums."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.canonical import sha256_hex
from services.receipt.domain.reports.errors import TooLongForPages
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.renderers import report_pdf
from services.receipt.renderers.report_pdf import ReportPdf
from tests.receipt.api.conftest import CITIZEN, Door
from tests.receipt.reports.conftest import Office
from tests.receipt.reports.test_prints import words
from tests.receipt.reports.test_report_api import ACCOUNTANT, AUDITOR, OF_SERIES
from tests.receipt.samples import BODY, NOON, SERIES

DAY = date(2026, 11, 23)


def lines(count: int) -> Sequence[dict[str, Any]]:
    return [
        {
            "number": number,
            "printed_number": f"{number:08d}",
            "form_code": "01BLP0-001",
            "symbol": "AA-26E",
            "kind": "phi",
            "amount": str(1_000 * number),
            "standing": "cancelled" if number == 2 else "valid",
            "numbered_at": (NOON + timedelta(seconds=number)).isoformat(),
            "xml_sha256": sha256_hex(str(number).encode()),
        }
        for number in range(1, count + 1)
    ]


def book(count: int) -> NumberBook:
    return NumberBook(
        series=SERIES,
        day=DAY,
        first=1,
        last=count,
        amount=sum(1_000 * number for number in range(1, count + 1)),
        previous_sha256="b" * 64,
        content=b"",
        sha256="a" * 64,
        drawn_up_at=NOON + timedelta(hours=14),
    )


def summary(count: int, state: SummaryState = SummaryState.DRAWN_UP) -> Summary:
    return Summary(
        agency_code="H19.25",
        day=DAY,
        version=2,
        state=state,
        documents=count,
        amount=sum(1_000 * number for number in range(1, count + 1)),
        content=b"",
        sha256="",
        drawn_up_at=NOON + timedelta(hours=14),
        drawn_up_by="x",
    )


async def test_a_book_of_many_pages_has_every_number_and_its_head_on_each(tmp_path: Path) -> None:
    pages = words(await ReportPdf().book(book(80), lines(80), BODY), tmp_path)
    text = " ".join(" ".join(pages).split())

    assert len(pages) > 2
    with_rows = [page for page in pages if "23/11/2026 12:0" in page]
    assert all("Mã băm SHA-256 của bản gốc XML" in page for page in with_rows)
    assert [f"Trang {n}/{len(pages)}" in page for n, page in enumerate(pages, start=1)] == [
        True for _ in pages
    ]
    assert all(sha256_hex(str(number).encode()) in text for number in range(1, 81))
    assert "Tổng số tiền: 3.240.000 đồng" in text
    assert "Ba triệu hai trăm bốn mươi nghìn đồng" in text
    assert ("a" * 64 in text, "b" * 64 in text) == (True, True)
    assert text.count("Đã hủy") == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SummaryState.OPEN, "lập khi ngày chưa kết thúc"),
        (SummaryState.DRAWN_UP, "lần đầu"),
        (SummaryState.SUPPLEMENTED, "bổ sung"),
    ],
)
async def test_a_summary_names_its_form_its_day_and_which_version_it_is(
    tmp_path: Path, state: SummaryState, said: str
) -> None:
    pages = words(await ReportPdf().summary(summary(3, state), lines(3), BODY), tmp_path)
    text = " ".join(" ".join(pages).split())

    assert "Mẫu số: 01/TH-BLĐT" in text
    assert f"Kỳ dữ liệu: ngày 23/11/2026 Bản 2, {said}" in text
    assert "Tổng số biên lai: 3 Tổng số tiền: 6.000 đồng Bằng chữ: Sáu nghìn đồng" in text
    assert "00000003" in text


async def test_a_day_without_receipts_is_a_page_as_well(tmp_path: Path) -> None:
    pages = words(await ReportPdf().summary(summary(0), [], BODY), tmp_path)

    assert "Không có biên lai nào." in pages[0]


async def test_the_same_book_is_the_same_pages_and_names_are_no_markup(tmp_path: Path) -> None:
    odd = replace(BODY, name="Sở #strong[x] $1$ *y* \\ <z>")

    one, again = [await ReportPdf().book(book(2), lines(2), odd) for _ in range(2)]

    assert one == again
    assert "SỞ #STRONG[X] $1$ *Y* \\ <Z>" in words(one, tmp_path)[0]


async def test_what_is_too_long_for_pages_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_pdf, "ROWS_MAX", 2)

    with pytest.raises(TooLongForPages):
        await ReportPdf().book(book(3), lines(3), BODY)


async def test_both_are_files_of_the_reports(door: Door, office: Office, tmp_path: Path) -> None:
    await office.issue(100_000, 50_000)
    office.next_day()
    series = {"agency_code": "H19.25", "form_code": "01BLP0-001", "symbol": "AA-26E"}
    await door.post("/v1/number-books", ACCOUNTANT, json=series)
    day = {"agency_code": "H19.25", "day": "2026-11-23"}
    await door.post("/v1/receipt-summaries", ACCOUNTANT, json=day)

    asked: list[tuple[str, dict[str, Any]]] = [
        ("/v1/number-book-files/book.pdf", {**OF_SERIES, "day": "2026-11-23"}),
        ("/v1/receipt-summary-files/summary.pdf", {"agency": "H19.25", "day": "2026-11-23"}),
    ]
    for path, query in asked:
        given = await door.get(path, AUDITOR, **query)
        assert given.headers["content-type"] == "application/pdf"
        assert "Tổng số tiền: 150.000 đồng" in " ".join(words(given.content, tmp_path)[0].split())
        assert BODY.name.upper() in words(given.content, tmp_path)[0]
        assert (await door.get(path, CITIZEN, **query)).status_code == 403
