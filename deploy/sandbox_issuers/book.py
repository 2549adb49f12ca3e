"""The played issuers' number books, in a small SQLite file or in memory.

Calls take well under a millisecond and are made from one thread, so they are plain and not async.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS issued (
    issuer TEXT NOT NULL,
    key TEXT NOT NULL,
    form TEXT NOT NULL,
    symbol TEXT NOT NULL,
    number INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    payer TEXT NOT NULL,
    day TEXT NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    paid INTEGER NOT NULL,
    PRIMARY KEY (issuer, key)
);
"""
CODE_LENGTH: Final = 12


class State(StrEnum):
    ISSUED = "issued"
    REPLACED = "replaced"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    issuer: str
    key: str
    form: str
    symbol: str
    number: int
    amount: int
    payer: str
    day: str
    code: str
    state: State = State.ISSUED
    paid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants issued."""

    key: str
    form: str
    symbol: str
    amount: int
    payer: str
    day: str


class Book:
    def __init__(self, path: Path | None) -> None:
        """Without a path the book is gone with the process."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def issue(self, issuer: str, draft: Draft, *, code: str, step: int = 1) -> Issued:
        """The next number of its series; 0 gives the last one again, as no issuer should. A key
        that is there already is the caller's to refuse."""
        (last,) = self._connection.execute(
            "SELECT coalesce(max(number), 0) FROM issued"
            " WHERE issuer = ? AND form = ? AND symbol = ?",
            (issuer, draft.form, draft.symbol),
        ).fetchone()
        issued = Issued(issuer=issuer, number=max(last + step, 1), code=code, **asdict(draft))
        self.put(issued)
        return issued

    def put(self, issued: Issued) -> None:
        row: Mapping[str, object] = asdict(issued)
        marks = ", ".join(f":{name}" for name in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row)
        self._connection.execute(
            f"INSERT INTO issued VALUES ({marks})"  # noqa: S608 -- our own names
            f" ON CONFLICT (issuer, key) DO UPDATE SET {changes}",
            row,
        )

    def find(self, issuer: str, key: str) -> Issued | None:
        row = self._connection.execute(
            "SELECT * FROM issued WHERE issuer = ? AND key = ?", (issuer, key)
        ).fetchone()
        return _issued(row) if row else None

    def find_number(self, issuer: str, symbol: str, number: int) -> Issued | None:
        row = self._connection.execute(
            "SELECT * FROM issued WHERE issuer = ? AND symbol = ? AND number = ?",
            (issuer, symbol, number),
        ).fetchone()
        return _issued(row) if row else None

    def list_of(self, issuer: str, *, limit: int = 1000) -> Sequence[Issued]:
        """The latest first."""
        rows = self._connection.execute(
            "SELECT * FROM issued WHERE issuer = ? ORDER BY rowid DESC LIMIT ?", (issuer, limit)
        )
        return [_issued(row) for row in rows]


def _issued(row: sqlite3.Row) -> Issued:
    facts = {one.name: row[one.name] for one in fields(Issued)}
    return Issued(**facts | {"state": State(row["state"]), "paid": bool(row["paid"])})
