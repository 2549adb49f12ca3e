"""Receipts for accountants and auditors, read page by page, so that none is ever held whole."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.receipt.domain.checks.shown_standing import ShownStanding
from services.receipt.domain.reports.entry import Entry
from services.receipt.ports.reports import ReceiptFilter, Reporting

PAGE: Final = 500
# Of a standing that is rare, a page may hold few: nobody waits for a whole year to be read.
LOOKED_AT_MAX: Final = 5_000
OpenReporting = Callable[[], Reporting]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    entries: Sequence[Entry]
    next: UUID | None


async def each_entry(
    wanted: ReceiptFilter, standing: ShownStanding | None, *, open_reporting: OpenReporting
) -> AsyncIterator[Entry]:
    """The latest first."""
    before: UUID | None = None
    while True:
        async with open_reporting() as reporting:
            page = await reporting.entries.list_page(wanted, before=before, limit=PAGE)
        for one in map(Entry.of, page):
            if standing in (None, one.standing):
                yield one
        if len(page) < PAGE:
            return
        before = page[-1].id


async def list_entries(
    wanted: ReceiptFilter,
    standing: ShownStanding | None,
    *,
    before: UUID | None,
    limit: int,
    open_reporting: OpenReporting,
) -> EntryPage:
    found: list[Entry] = []
    looked_at = 0
    async with open_reporting() as reporting:
        while looked_at < LOOKED_AT_MAX:
            page = await reporting.entries.list_page(wanted, before=before, limit=PAGE)
            for one in map(Entry.of, page):
                before, looked_at = one.id, looked_at + 1
                if standing in (None, one.standing):
                    found.append(one)
                if len(found) == limit:
                    return EntryPage(entries=found, next=before)
            if len(page) < PAGE:
                return EntryPage(entries=found, next=None)
    return EntryPage(entries=found, next=before)
