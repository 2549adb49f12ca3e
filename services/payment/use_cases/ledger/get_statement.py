from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.payment.domain.ledger.books import AccountLine, Period, PostedEntry
from services.payment.ports.ledger import EntryKey, Folio
from services.payment.ports.unit_of_work import Reading
from services.payment.use_cases.ledger.get_trial_balance import lines_of

STREAMED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The accounts over the period, and one page of their entries."""

    period: Period
    lines: Sequence[AccountLine]
    entries: Sequence[PostedEntry]
    next_after: EntryKey | None


async def get_statement(
    folio: Folio, *, period: Period, after: EntryKey | None, limit: int, reading: Reading
) -> Statement:
    async with reading:
        lines = await lines_of(folio, period=period, reading=reading)
        found = await reading.ledger.list_entries(
            folio, period=period, after=after, limit=limit + 1
        )
    shown = found[:limit]
    return Statement(
        period=period,
        lines=lines,
        entries=shown,
        next_after=EntryKey.of(shown[-1]) if len(found) > limit else None,
    )


async def stream_entries(
    folio: Folio, *, period: Period, open_reading: Callable[[], Reading]
) -> AsyncIterator[Sequence[PostedEntry]]:
    """All entries of a period, part by part, so that memory does not grow with their number; no
    connection is held while the reader takes its time."""
    after: EntryKey | None = None
    while True:
        async with open_reading() as reading:
            part = await reading.ledger.list_entries(
                folio, period=period, after=after, limit=STREAMED_AT_ONCE
            )
        if part:
            yield part
        if len(part) < STREAMED_AT_ONCE:
            return
        after = EntryKey.of(part[-1])
