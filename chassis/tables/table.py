"""Tables on their way out of the house."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

Cell = str | int | None
Rows = AsyncIterator[Sequence[Cell]]


class TableWriter(Protocol):
    @property
    def media_type(self) -> str: ...

    def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        """A part at a time, in memory that does not grow with the rows."""


# A spreadsheet would run a text that begins so as a formula; some read wide letters alike.
FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA_BEGINS):
        return f"'{cell}"
    return cell
