"""Tables on their way out of the house."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

Cell = str | int | None
Rows = AsyncIterator[Sequence[Cell]]


class TableWriter(Protocol):
    @property
    def media_type(self) -> str: ...

    def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        """A part at a time, in memory that does not grow with the rows."""
