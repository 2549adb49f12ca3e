"""What is read out of the ledger: what an account turned over, and each line as it was posted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.money import Money
from services.payment.domain.errors import UnreadablePeriod
from services.payment.domain.ledger.accounts import Account, account
from services.payment.domain.ledger.transaction import Direction

PERIOD_MAX: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, order=True)
class Book:
    """An account keeps each currency apart."""

    account: str
    currency: str


@dataclass(frozen=True, slots=True)
class Turnover:
    """All that was debited and credited to an account until some day."""

    book: Book
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        """Debits less credits; over all accounts of a currency they sum to zero."""
        return self.debits - self.credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whole days of Vietnam, the first and the last of them included; a year at most."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.until - self.since <= PERIOD_MAX:
            raise UnreadablePeriod(self.since, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One account over a period. Opening and closing are debits less credits."""

    book: Book
    opening: int
    debits: int
    credits: int

    @property
    def closing(self) -> int:
        return self.opening + self.debits - self.credits

    @property
    def account(self) -> Account:
        return account(self.book.account)


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    currency: str
    opening: int
    debits: int
    credits: int
    closing: int

    @property
    def is_balanced(self) -> bool:
        return self.opening == self.closing == 0 and self.debits == self.credits


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEntry:
    transaction_id: UUID
    line: int
    booked_on: date
    posted_at: datetime
    account: str
    direction: Direction
    amount: Money
    cause: str
    cause_kind: str
    payment_intent_id: UUID | None
    discrepancy_id: UUID | None
    refund_id: UUID | None
    agency_code: str | None


def lines_between(opening: Iterable[Turnover], closing: Iterable[Turnover]) -> list[AccountLine]:
    """What happened between two looks at the same accounts; all of the first are in the second."""
    before: Mapping[Book, Turnover] = {one.book: one for one in opening}
    lines = []
    for after in closing:
        start = before.get(after.book, Turnover(after.book, 0, 0))
        lines.append(
            AccountLine(
                book=after.book,
                opening=start.balance,
                debits=after.debits - start.debits,
                credits=after.credits - start.credits,
            )
        )
    return lines


def totals_of(lines: Iterable[AccountLine]) -> list[CurrencyTotal]:
    sums: dict[str, list[int]] = {}
    for line in lines:
        total = sums.setdefault(line.book.currency, [0, 0, 0, 0])
        for index, amount in enumerate((line.opening, line.debits, line.credits, line.closing)):
            total[index] += amount
    return [CurrencyTotal(currency, *total) for currency, total in sorted(sums.items())]
