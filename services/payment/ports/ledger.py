from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.payment.domain.ledger.books import Book, Period, PostedEntry, Turnover
from services.payment.domain.ledger.transaction import LedgerTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """Where a list of entries goes on: entries stand in the order of these three."""

    booked_on: date
    transaction_id: UUID
    line: int

    @classmethod
    def of(cls, entry: PostedEntry) -> "EntryKey":
        return cls(booked_on=entry.booked_on, transaction_id=entry.transaction_id, line=entry.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folio:
    """Which accounts: of one agency, of several, one alone, or (with nothing said) all."""

    agencies: frozenset[str] | None = None
    book: Book | None = None


class Ledger(Protocol):
    async def post(self, transaction: LedgerTransaction) -> None:
        """Once for each cause: the database refuses a second transaction for the same one."""

    async def close_next_day(self, *, last: date, at: datetime) -> date | None:
        """Write down the totals of the earliest open day with entries, up to `last`; it and all
        days before it take no more. None when there is none, or another closes it now."""

    async def list_turnovers(self, folio: Folio, *, until: date, limit: int) -> Sequence[Turnover]:
        """By account, as of the end of a day: closed days' totals and open days' entries, seen
        in one look, so that nothing is missing from it or in it twice."""

    async def list_entries(
        self, folio: Folio, *, period: Period, after: EntryKey | None, limit: int
    ) -> Sequence[PostedEntry]:
        """The earliest first."""
