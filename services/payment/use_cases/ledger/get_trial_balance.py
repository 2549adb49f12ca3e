from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.payment.domain.errors import TooManyAccounts
from services.payment.domain.ledger.books import (
    AccountLine,
    CurrencyTotal,
    Period,
    Turnover,
    lines_between,
    totals_of,
)
from services.payment.ports.ledger import Folio
from services.payment.ports.unit_of_work import Reading

ACCOUNTS_MAX: Final = 20_000
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """`is_whole` says that no account is left out: only then must the totals be zero."""

    period: Period
    lines: Sequence[AccountLine]
    totals: Sequence[CurrencyTotal]
    is_whole: bool


async def get_trial_balance(folio: Folio, *, period: Period, reading: Reading) -> TrialBalance:
    """What each account brought along, turned over and ended with."""
    async with reading:
        lines = await lines_of(folio, period=period, reading=reading)
    return TrialBalance(
        period=period,
        lines=lines,
        totals=totals_of(lines),
        is_whole=folio == Folio(),
    )


async def lines_of(folio: Folio, *, period: Period, reading: Reading) -> list[AccountLine]:
    """Inside a reading. The earlier look goes first, so that all of it is in the later one."""
    opening = await turnovers(folio, until=period.since - _ONE_DAY, reading=reading)
    closing = await turnovers(folio, until=period.until, reading=reading)
    return lines_between(opening, closing)


async def turnovers(folio: Folio, *, until: date, reading: Reading) -> Sequence[Turnover]:
    found = await reading.ledger.list_turnovers(folio, until=until, limit=ACCOUNTS_MAX + 1)
    if len(found) > ACCOUNTS_MAX:
        raise TooManyAccounts(ACCOUNTS_MAX)
    return found
