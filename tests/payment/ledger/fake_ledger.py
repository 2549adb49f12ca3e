"""The ledger's port, kept in a list."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.payment.domain.ledger.accounts import account
from services.payment.domain.ledger.books import Book, Period, PostedEntry, Turnover
from services.payment.domain.ledger.transaction import Direction, LedgerEntry, LedgerTransaction
from services.payment.ports.ledger import EntryKey, Folio


class FakeLedger:
    def __init__(self) -> None:
        self.rows: list[LedgerTransaction] = []

    async def post(self, transaction: LedgerTransaction) -> None:
        assert transaction.cause not in {one.cause for one in self.rows}
        self.rows.append(transaction)

    async def close_next_day(self, *, last: date, at: datetime) -> date | None:
        return None

    async def list_turnovers(self, folio: Folio, *, until: date, limit: int) -> Sequence[Turnover]:
        sums: dict[Book, list[int]] = {}
        for one in self._entries(folio):
            if one.booked_on <= until:
                sides = sums.setdefault(Book(one.account, one.amount.currency), [0, 0])
                sides[one.direction is Direction.CREDIT] += one.amount.minor_units
        return [Turnover(book, *sides) for book, sides in sorted(sums.items())][:limit]

    async def list_entries(
        self, folio: Folio, *, period: Period, after: EntryKey | None, limit: int
    ) -> Sequence[PostedEntry]:
        found = [
            one
            for one in self._entries(folio)
            if period.since <= one.booked_on <= period.until
            and (after is None or _place(one) > _place(after))
        ]
        return sorted(found, key=_place)[:limit]

    def _entries(self, folio: Folio) -> list[PostedEntry]:
        posted = [
            _posted(one, line, entry)
            for one in self.rows
            for line, entry in enumerate(one.entries, start=1)
        ]
        return [
            one
            for one in posted
            if (folio.agencies is None or one.agency_code in folio.agencies)
            and folio.book in (None, Book(one.account, one.amount.currency))
        ]


def _posted(one: LedgerTransaction, line: int, entry: LedgerEntry) -> PostedEntry:
    return PostedEntry(
        transaction_id=one.id,
        line=line,
        booked_on=one.booked_on,
        posted_at=one.posted_at,
        account=entry.account,
        direction=entry.direction,
        amount=entry.amount,
        cause=one.cause,
        cause_kind=one.cause_kind,
        payment_intent_id=one.payment_intent_id,
        discrepancy_id=one.discrepancy_id,
        refund_id=one.refund_id,
        agency_code=account(entry.account).agency_code,
    )


def _place(one: PostedEntry | EntryKey) -> tuple[date, UUID, int]:
    return one.booked_on, one.transaction_id, one.line
