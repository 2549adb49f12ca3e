"""Audit entries for a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from chassis.canonical import canonical_json
from gateway.api.audit.schemas import EntryBody

COLUMNS: Final = ("index", "at", "action", "actor", "subject", "details", "id", "leaf_hash")
# A spreadsheet would take these for the beginning of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def entries_csv(entries: Iterable[EntryBody]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for."""
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for entry in entries:
        said = entry.model_dump(mode="json")
        said["details"] = canonical_json(said["details"]).decode()
        rows.writerow([_harmless(str(said[name])) for name in COLUMNS])
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
