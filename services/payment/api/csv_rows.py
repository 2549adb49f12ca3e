"""Lines of CSV for spreadsheets, made as they are sent."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, Final

from fastapi.responses import StreamingResponse

from chassis.clock import VIETNAM

CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {}}}}
# Spreadsheets take a cell that begins like this for a formula, whatever wrote it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def csv_row(cells: Iterable[Any], *, first: bool = False) -> str:
    """`first`: with the mark by which spreadsheets know that it is UTF-8."""
    line = io.StringIO()
    csv.writer(line).writerow([_cell(cell) for cell in cells])
    return (_BYTE_ORDER_MARK if first else "") + line.getvalue()


def attachment(rows: AsyncIterator[str], *, name: str) -> StreamingResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
