"""Double entry: every movement of money is a group of lines whose debits equal its credits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.errors import UnbalancedLedger
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.ledger.accounts import (
    SUSPENSE_OF_DISCREPANCIES,
    account,
    agency_revenue,
    clearing,
)
from services.payment.domain.ledger.day import booking_day


class Direction(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    account: str
    direction: Direction
    amount: Money

    def __post_init__(self) -> None:
        account(self.account)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTransaction:
    """Posted once for each cause; the database refuses a second one, or one out of balance.

    `posted_at` is now, never a day that is over: days are closed.
    A cause reads `kind:id`. The ids beside it are what an auditor looks up; they change nothing.
    """

    id: UUID
    cause: str
    posted_at: datetime
    entries: tuple[LedgerEntry, ...]
    payment_intent_id: UUID | None = None
    discrepancy_id: UUID | None = None
    refund_id: UUID | None = None
    agency_code: str | None = None

    def __post_init__(self) -> None:
        if len(self.entries) < 2:
            raise UnbalancedLedger(f"{self.cause} needs two entries or more.")
        if any(entry.amount.minor_units <= 0 for entry in self.entries):
            raise UnbalancedLedger(f"{self.cause} has an entry that is not positive.")
        debited = _sum(self.entries, Direction.DEBIT)
        credited = _sum(self.entries, Direction.CREDIT)
        if debited != credited:
            raise UnbalancedLedger(f"{self.cause}: debits {debited}, credits {credited}.")

    @property
    def booked_on(self) -> date:
        return booking_day(self.posted_at)

    @property
    def cause_kind(self) -> str:
        return self.cause.partition(":")[0]


def settlement(
    intent: PaymentIntent, *, id: UUID, collected_in: str, posted_at: datetime
) -> LedgerTransaction:
    """The amount lies in this account; the agency has earned it, each kind of fee apart."""
    return LedgerTransaction(
        id=id,
        cause=f"payment_intent:{intent.id}",
        posted_at=posted_at,
        payment_intent_id=intent.id,
        agency_code=intent.agency_code,
        entries=(
            LedgerEntry(collected_in, Direction.DEBIT, intent.amount),
            *earnings(intent),
        ),
    )


def earnings(intent: PaymentIntent) -> tuple[LedgerEntry, ...]:
    """What each agency earns by an intent, each kind of fee apart."""
    earned: dict[str, Money] = {}
    for line in intent.lines:
        name = agency_revenue(line.agency_code or intent.agency_code, line.kind)
        earned[name] = earned.get(name, Money.zero(line.amount.currency)) + line.amount
    return tuple(
        LedgerEntry(name, Direction.CREDIT, amount)
        for name, amount in sorted(earned.items())
        if amount.minor_units
    )


def suspense(discrepancy: Discrepancy, *, id: UUID, posted_at: datetime) -> LedgerTransaction:
    """The provider owes us what it reports; whose it is, a person must decide."""
    return LedgerTransaction(
        id=id,
        cause=f"discrepancy:{discrepancy.id}",
        posted_at=posted_at,
        payment_intent_id=discrepancy.payment_intent_id,
        discrepancy_id=discrepancy.id,
        agency_code=discrepancy.agency_code,
        entries=(
            LedgerEntry(clearing(discrepancy.provider), Direction.DEBIT, discrepancy.received),
            LedgerEntry(SUSPENSE_OF_DISCREPANCIES, Direction.CREDIT, discrepancy.received),
        ),
    )


def suspense_taken_back(
    discrepancy: Discrepancy, *, id: UUID, posted_at: datetime
) -> LedgerTransaction:
    """The provider has said otherwise of the same movement: it is in the books once, as that."""
    return LedgerTransaction(
        id=id,
        cause=f"discrepancy:{discrepancy.id}:superseded",
        posted_at=posted_at,
        payment_intent_id=discrepancy.payment_intent_id,
        discrepancy_id=discrepancy.id,
        agency_code=discrepancy.agency_code,
        entries=(
            LedgerEntry(SUSPENSE_OF_DISCREPANCIES, Direction.DEBIT, discrepancy.received),
            LedgerEntry(clearing(discrepancy.provider), Direction.CREDIT, discrepancy.received),
        ),
    )


def _sum(entries: Iterable[LedgerEntry], direction: Direction) -> Money:
    amounts = [entry.amount for entry in entries if entry.direction is direction]
    if not amounts:
        raise UnbalancedLedger(f"There is no {direction}.")
    return sum(amounts[1:], start=amounts[0])
