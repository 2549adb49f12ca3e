"""Reports through the doors: who sees what, what adds up, and what a spreadsheet opens."""

import csv
import io
from dataclasses import replace
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from lxml import etree
from sqlalchemy import text

from chassis.auth import Caller
from services.receipt.use_cases.reports.draw_up_books import draw_up_book
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, OFFICER, PORTAL, PUBLIC, Door
from tests.receipt.reports.conftest import SERIES, Office
from tests.receipt.samples import SECRET

ACCOUNTANT = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.report"}))
AUDITOR = replace(ACCOUNTANT, roles=frozenset({"auditor"}), agencies=frozenset({"*"}))
DAYS: dict[str, Any] = {"from": "2026-11-01", "to": "2026-11-30"}
OF_SERIES: dict[str, Any] = {"agency": "H19.25", "form_code": "01BLP0-001", "symbol": "AA-26E"}
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/receipt-register", DAYS),
    ("/v1/receipt-register/receipts.csv", DAYS),
    ("/v1/number-books", DAYS),
    ("/v1/number-book-files/book.jsonl", {**OF_SERIES, "day": "2026-11-23"}),
    ("/v1/receipt-summaries", {"agency": "H19.25", "day": "2026-11-23"}),
    ("/v1/receipt-usage", {"agency": "H19.25", "period": "2026-11"}),
    ("/v1/receipt-usage-files/usage.xml", {"agency": "H19.25", "period": "2026-11"}),
)


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def sheet(raw: bytes) -> list[str]:
    """The text of every cell, as any reader of the format finds it."""
    names = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with ZipFile(io.BytesIO(raw)) as book:
        assert book.testzip() is None
        root = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [str(cell.xpath("string(.)")) for cell in root.iterfind(".//m:c", names)]


async def test_book_summary_usage_and_the_rows_themselves_add_up_to_the_same(
    door: Door, office: Office
) -> None:
    for amounts in ((100_000, 50_000), (20_000,), (1_000, 2_000, 3_000)):
        await office.issue(*amounts)
        office.next_day()
    await draw_up_book(SERIES, tools=office.tools)

    books = (await door.get("/v1/number-books", AUDITOR, **DAYS)).json()["items"]
    summaries = [
        (
            await door.post(
                "/v1/receipt-summaries", ACCOUNTANT, json={"agency_code": "H19.25", "day": day}
            )
        ).json()
        for day in ("2026-11-23", "2026-11-24", "2026-11-25")
    ]
    usage = (
        await door.get("/v1/receipt-usage", ACCOUNTANT, agency="H19.25", period="2026-Q4")
    ).json()["items"]
    register = table(await door.get("/v1/receipt-register/receipts.csv", ACCOUNTANT, **DAYS))
    async with office.database.read() as connection:
        rows = await connection.execute(
            text("SELECT count(*), sum(amount_minor_units) FROM receipt")
        )
        count, amount = rows.one()

    assert (count, int(amount)) == (6, 176_000)
    assert (sum(one["count"] for one in books), sum(one["amount"] for one in books)) == (6, 176_000)
    assert [one["documents"] for one in summaries] == [2, 1, 3]
    assert sum(one["amount"] for one in summaries) == 176_000
    assert [(one["first"], one["last"], one["count"], one["amount"]) for one in usage] == [
        (1, 6, 6, 176_000)
    ]
    assert (len(register), sum(int(one["amount"]) for one in register)) == (6, 176_000)


async def test_files_are_what_they_are_called(door: Door, office: Office) -> None:
    await office.issue(100_000, 50_000)
    office.next_day()
    made = await door.post(
        "/v1/number-books",
        ACCOUNTANT,
        json={"agency_code": "H19.25", "form_code": "01BLP0-001", "symbol": "AA-26E"},
    )
    assert [(one["first"], one["last"]) for one in made.json()["items"]] == [(1, 2)]
    day: dict[str, Any] = {"agency": "H19.25", "day": "2026-11-23"}
    await door.post(
        "/v1/receipt-summaries", ACCOUNTANT, json={"agency_code": "H19.25", "day": "2026-11-23"}
    )
    book: dict[str, Any] = {**OF_SERIES, "day": "2026-11-23"}
    period: dict[str, Any] = {"agency": "H19.25", "period": "2026-11"}

    signed = await door.get("/v1/number-book-files/book.jsonl", AUDITOR, **book)
    assert (await office.judge(signed.content)).valid
    for path, query in (
        ("/v1/number-book-files/book", book),
        ("/v1/receipt-summary-files/summary", day),
        ("/v1/receipt-usage-files/usage", period),
        ("/v1/receipt-register/receipts", DAYS),
    ):
        rows = table(await door.get(f"{path}.csv", ACCOUNTANT, **query))
        assert sum(int(one["amount"]) for one in rows) == 150_000, path
        cells = sheet((await door.get(f"{path}.xlsx", ACCOUNTANT, **query)).content)
        assert set(rows[0]) <= set(cells), path
        assert sum(cells.count(amount) for amount in ("100000", "50000", "150000")) >= 1
    usage = etree.fromstring(
        (await door.get("/v1/receipt-usage-files/usage.xml", ACCOUNTANT, **period)).content
    )
    (line,) = usage.findall("DLBCTHSDBLai/NDBCTHSDBLai/DLieu")
    assert [(one.tag, one.text) for one in line] == [
        ("TLoai", "1"),
        ("KHMCTu", "01BLP0-001"),
        ("KHCTu", "AA-26E"),
        ("SLuong", "2"),
        ("TgTien", "150000"),
    ]
    summary = etree.fromstring(
        (await door.get("/v1/receipt-summary-files/summary.xml", ACCOUNTANT, **day)).content
    )
    assert [one.text for one in summary.iter("{*}SCTu")] == ["1", "2"]
    register = etree.fromstring(
        (await door.get("/v1/receipt-register/receipts.xml", ACCOUNTANT, **DAYS)).content
    )
    assert [one.text for one in register.iter("{*}amount")] == ["50000", "100000"]


async def test_an_accountant_reads_names_and_an_auditor_initials(
    door: Door, office: Office
) -> None:
    await office.issue(100_000)
    name = SECRET["full_name"]
    both = replace(ACCOUNTANT, roles=frozenset({"accountant", "auditor"}))
    for caller, seen in ((ACCOUNTANT, name), (AUDITOR, "N*** T*** Á*** N***"), (both, "N***")):
        file = await door.get("/v1/receipt-register/receipts.csv", caller, **DAYS)
        page = (await door.get("/v1/receipt-register", caller, **DAYS)).json()
        for payer in (table(file)[0]["payer"], page["items"][0]["payer"]):
            assert payer.startswith(seen)
            assert (payer == name) is (caller is ACCOUNTANT)


@pytest.mark.parametrize(("path", "query"), LOOKS)
async def test_nobody_else_sees_a_report(
    door: Door, office: Office, path: str, query: dict[str, Any]
) -> None:
    await office.issue(100_000)
    office.next_day()
    await draw_up_book(SERIES, tools=office.tools)

    strangers: tuple[Caller, ...] = (PORTAL, CITIZEN, PUBLIC)
    for stranger in strangers:
        assert (await door.get(path, stranger, **query)).status_code == 403
    elsewhere = await door.get(path, ELSEWHERE, **query)
    if "agency" in query:
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "report_not_found")
    elif path.endswith("csv"):
        assert table(elsewhere) == []
    else:
        assert elsewhere.json()["items"] == []


async def test_only_who_may_report_draws_up(door: Door, office: Office) -> None:
    day = {"agency_code": "H19.25", "day": "2026-11-23"}
    assert (await door.post("/v1/receipt-summaries", OFFICER, json=day)).status_code == 403
    far = replace(ACCOUNTANT, agencies=frozenset({"H01"}))
    assert (await door.post("/v1/receipt-summaries", far, json=day)).status_code == 404
    late = await door.post("/v1/receipt-summaries", ACCOUNTANT, json={**day, "day": "2026-11-24"})
    assert (late.status_code, late.json()["code"]) == (409, "day_is_not_over")


async def test_the_register_is_paged_and_filtered(door: Door, office: Office) -> None:
    await office.issue(1_000, 2_000, 3_000)
    await office.issue(4_000, kind="phi")

    seen, cursor = [], None
    while True:
        query = {**DAYS, "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await door.get("/v1/receipt-register", ACCOUNTANT, **query)).json()
        seen += [one["amount"]["amount"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [4_000, 3_000, 2_000, 1_000]
    filters: tuple[tuple[dict[str, Any], int], ...] = (
        ({"kind": "phi"}, 1),
        ({"standing": "valid"}, 4),
        ({"standing": "refunded"}, 0),
        ({"symbol": "BB-26E"}, 0),
    )
    for wanted, count in filters:
        page = (await door.get("/v1/receipt-register", ACCOUNTANT, **DAYS, **wanted)).json()
        assert len(page["items"]) == count, wanted


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/v1/receipt-usage", {"agency": "H19.25", "period": "2026-13"}, "period_not_readable"),
        ("/v1/receipt-register", {"from": "2026-11-30", "to": "2026-11-01"}, "range_too_long"),
        ("/v1/receipt-register", {"from": "2020-01-01", "to": "2026-11-01"}, "range_too_long"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_code(
    door: Door, path: str, query: dict[str, Any], code: str
) -> None:
    answer = await door.get(path, ACCOUNTANT, **query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
