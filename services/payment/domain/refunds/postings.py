"""What a refund writes into the ledger: owed when approved, paid when it succeeded, or undone."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.money import Money
from services.payment.domain.counter.cash_drawer import SAFE
from services.payment.domain.counter.payments import CASH_PROVIDER
from services.payment.domain.ledger.accounts import (
    SUSPENSE_OF_DISCREPANCIES,
    agency_revenue,
    cash,
    clearing,
    refunds_payable,
)
from services.payment.domain.ledger.transaction import (
    Direction,
    LedgerEntry,
    LedgerTransaction,
)
from services.payment.domain.refunds.refund import OWED, RELEASED, Refund, RefundStatus

OTHER: Final = {Direction.DEBIT: Direction.CREDIT, Direction.CREDIT: Direction.DEBIT}


def posting_of(
    refund: Refund, *, leaving: RefundStatus | None, id: UUID, posted_at: datetime
) -> LedgerTransaction | None:
    """What the step from `leaving` to the refund's state moves, if anything; each once."""
    match refund.status:
        case RefundStatus.APPROVED:
            step, entries = "approved", _owe(refund)
        case RefundStatus.SUCCEEDED:
            step, entries = "succeeded", _pay(refund)
        case status if status in RELEASED and leaving in OWED:
            step, entries = "reversed", _turned(_owe(refund))
        case _:
            return None
    return LedgerTransaction(
        id=id,
        cause=f"refund:{refund.id}:{step}",
        posted_at=posted_at,
        payment_intent_id=refund.source.payment_intent_id,
        discrepancy_id=refund.discrepancy_id,
        refund_id=refund.id,
        agency_code=refund.source.agency_code,
        entries=entries,
    )


def _owe(refund: Refund) -> tuple[LedgerEntry, ...]:
    """Those who earned the money give it up; the payer is owed it."""
    if refund.lines:
        given_up = _sums((agency_revenue(x.agency_code, x.kind), x.amount) for x in refund.lines)
    else:
        given_up = {SUSPENSE_OF_DISCREPANCIES: refund.amount}
    return (*_entries(given_up, Direction.DEBIT), *_entries(_payable(refund), Direction.CREDIT))


def _pay(refund: Refund) -> tuple[LedgerEntry, ...]:
    return (
        *_entries(_payable(refund), Direction.DEBIT),
        LedgerEntry(_paid_from(refund), Direction.CREDIT, refund.amount),
    )


def _paid_from(refund: Refund) -> str:
    """What came in cash goes back out of the safe: drawers are counted and handed over."""
    source = refund.source
    if source.provider == CASH_PROVIDER and source.agency_code is not None:
        return cash(source.agency_code, SAFE)
    return clearing(source.provider)


def _payable(refund: Refund) -> Mapping[str, Money]:
    """By whose fee it is: one payment may be of several agencies."""
    if not refund.lines:
        return {refunds_payable(refund.source.agency_code): refund.amount}
    return _sums((refunds_payable(line.agency_code), line.amount) for line in refund.lines)


def _sums(parts: Iterable[tuple[str, Money]]) -> Mapping[str, Money]:
    sums: dict[str, Money] = {}
    for account, amount in parts:
        sums[account] = sums[account] + amount if account in sums else amount
    return sums


def _entries(sums: Mapping[str, Money], direction: Direction) -> tuple[LedgerEntry, ...]:
    return tuple(LedgerEntry(account, direction, total) for account, total in sorted(sums.items()))


def _turned(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    return tuple(LedgerEntry(one.account, OTHER[one.direction], one.amount) for one in entries)
