"""XLSX, written to a temporary file row by row, then sent a part at a time."""

from collections.abc import AsyncIterator, Sequence
from tempfile import TemporaryFile
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from chassis.tables.table import Cell, Rows

PART_BYTES: Final = 65536
# A sheet ends at 1,048,576; what goes beyond continues on the next one.
SHEET_ROWS_MAX: Final = 1_000_000
# Beyond fifteen digits a spreadsheet rounds numbers.
NUMBER_MAX: Final = 10**15


class XlsxTable:
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        with TemporaryFile() as file:
            book = Workbook(file, {"constant_memory": True})
            sheet, number = _sheet(book, columns), 1
            async for row in rows:
                if number > SHEET_ROWS_MAX:
                    sheet, number = _sheet(book, columns), 1
                _write(sheet, number, row)
                number += 1
            book.close()
            file.seek(0)
            while part := file.read(PART_BYTES):
                yield part


def _sheet(book: Workbook, columns: Sequence[str]) -> Worksheet:
    sheet: Worksheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    _write(sheet, 0, columns)
    return sheet


def _write(sheet: Worksheet, number: int, row: Sequence[Cell]) -> None:
    for place, cell in enumerate(row):
        # Text is written as text, whatever it begins with: no cell becomes a formula.
        if isinstance(cell, int) and abs(cell) < NUMBER_MAX:
            sheet.write_number(number, place, cell)
        elif cell is not None:
            sheet.write_string(number, place, str(cell))
