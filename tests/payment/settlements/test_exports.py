"""Tables open in a spreadsheet as they are, and nothing in them is run."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis.tables import xlsx_table
from chassis.tables.csv_table import CsvTable
from chassis.tables.table import Cell
from chassis.tables.xlsx_table import XlsxTable

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1")


async def rows_of(*rows: Sequence[Cell]) -> AsyncIterator[Sequence[Cell]]:
    for row in rows:
        yield row


async def whole(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


async def test_a_csv_table_begins_with_the_mark_that_excel_looks_for() -> None:
    raw = await whole(CsvTable().write(("a", "b"), rows_of(("Đồng Nai, tỉnh", -5), (None, 7))))

    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert read == [["a", "b"], ["Đồng Nai, tỉnh", "-5"], ["", "7"]]


@pytest.mark.parametrize("text", FORMULAS)
async def test_no_text_becomes_a_formula(text: str) -> None:
    raw = await whole(CsvTable().write(("a",), rows_of((text,))))
    table = await whole(XlsxTable().write(("a",), rows_of((text,))))

    assert raw.decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
    sheet = zipfile.ZipFile(io.BytesIO(table)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


async def test_a_sheet_that_is_full_goes_on_on_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx_table, "SHEET_ROWS_MAX", 3)

    raw = await whole(XlsxTable().write(("a",), rows_of(*((number,) for number in range(7)))))

    names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    assert sum(name.startswith("xl/worksheets/sheet") for name in names) == 3
