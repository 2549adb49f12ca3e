"""CSV that Excel opens as it is: UTF-8 with its mark at the beginning, and no formulas."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from chassis.tables.table import Cell, Rows, harmless

PART_BYTES: Final = 65536


class CsvTable:
    media_type = "text/csv; charset=utf-8"

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        part = bytearray(BOM_UTF8 + _line(columns))
        async for row in rows:
            part += _line(row)
            if len(part) >= PART_BYTES:
                yield bytes(part)
                part.clear()
        yield bytes(part)


def _line(row: Iterable[Cell]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([harmless(cell) for cell in row])
    return out.getvalue().encode()
