"""What a closed day moves in the ledger, and what a remittance does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.money import Money
from services.payment.domain.ledger.accounts import (
    SUSPENSE_OF_DISCREPANCIES,
    agency_revenue,
    bank,
    clearing,
    provider_fees,
    treasury_payable,
)
from services.payment.domain.ledger.transaction import (
    Direction,
    LedgerEntry,
    LedgerTransaction,
)
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.remittance import Remittance


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """By a provider, in one currency, less what it took back for refunds.

    `cleared` is of payments and refunds that we know; nobody has placed `unplaced` yet.
    """

    currency: str
    cleared: int
    unplaced: int
    fees: int

    @property
    def received(self) -> int:
        return self.cleared + self.unplaced - self.fees


def payout(
    paid: PaidOut, *, id: UUID, day_id: UUID, provider: str, to: BankAccount, posted_at: datetime
) -> LedgerTransaction | None:
    """Clearing becomes money in the bank and the provider's fees; None where nothing moved.

    A row that is matched later moves from suspense to clearing with the day that is closed then.
    """
    entries = tuple(
        _entries(
            paid.currency,
            (bank(to.bank_bin, to.account_number), paid.received),
            (provider_fees(provider), paid.fees),
            (clearing(provider), -paid.cleared),
            (SUSPENSE_OF_DISCREPANCIES, -paid.unplaced),
        )
    )
    if not entries:
        return None
    return LedgerTransaction(
        id=id,
        cause=f"settlement_day:{day_id}:{paid.currency}",
        posted_at=posted_at,
        entries=entries,
    )


def promised_to_treasury(
    remittance: Remittance, *, id: UUID, posted_at: datetime
) -> LedgerTransaction:
    """What an agency earned is the State Treasury's from now on; so it is remitted once."""
    return _of(remittance, "drafted", id=id, posted_at=posted_at, debits=1)


def taken_back(remittance: Remittance, *, id: UUID, posted_at: datetime) -> LedgerTransaction:
    return _of(remittance, "cancelled", id=id, posted_at=posted_at, debits=-1)


def paid_to_treasury(remittance: Remittance, *, id: UUID, posted_at: datetime) -> LedgerTransaction:
    if remittance.paid_from is None:
        raise ValueError("what was sent names the account it was sent from")
    amount = remittance.amount
    source = remittance.paid_from
    return LedgerTransaction(
        id=id,
        cause=f"remittance:{remittance.id}:confirmed",
        posted_at=posted_at,
        agency_code=remittance.agency_code,
        entries=(
            LedgerEntry(
                treasury_payable(remittance.agency_code, remittance.kind), Direction.DEBIT, amount
            ),
            LedgerEntry(bank(source.bank_bin, source.account_number), Direction.CREDIT, amount),
        ),
    )


def _of(
    remittance: Remittance, step: str, *, id: UUID, posted_at: datetime, debits: int
) -> LedgerTransaction:
    earned = agency_revenue(remittance.agency_code, remittance.kind)
    payable = treasury_payable(remittance.agency_code, remittance.kind)
    amount = remittance.amount.minor_units * debits
    return LedgerTransaction(
        id=id,
        cause=f"remittance:{remittance.id}:{step}",
        posted_at=posted_at,
        agency_code=remittance.agency_code,
        entries=tuple(_entries(remittance.amount.currency, (earned, amount), (payable, -amount))),
    )


def _entries(currency: str, *debited: tuple[str, int]) -> Iterator[LedgerEntry]:
    """Negative debits are credits, and nothing is no entry."""
    for account, amount in debited:
        if amount:
            direction = Direction.DEBIT if amount > 0 else Direction.CREDIT
            yield LedgerEntry(account, direction, Money(abs(amount), currency))
