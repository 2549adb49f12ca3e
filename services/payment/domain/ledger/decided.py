"""What deciding a case moves: out of suspense, once, to whom the money belongs."""

from datetime import datetime
from uuid import UUID

from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.ledger.accounts import (
    SUSPENSE_OF_DISCREPANCIES,
    UNCLAIMED,
    clearing,
    treasury_payable,
)
from services.payment.domain.ledger.transaction import (
    Direction,
    LedgerEntry,
    LedgerTransaction,
    earnings,
)


def application(
    case: Discrepancy, intent: PaymentIntent, *, id: UUID, posted_at: datetime
) -> LedgerTransaction:
    """The money pays a fee after all: the agencies have earned it."""
    return _decided(case, "applied", earnings(intent), id=id, posted_at=posted_at, intent=intent)


def write_off(
    case: Discrepancy, agency_code: str, *, id: UUID, posted_at: datetime
) -> LedgerTransaction:
    """Nobody asks it back: it is the Treasury's, and this agency remits it."""
    account = treasury_payable(agency_code, UNCLAIMED)
    entry = LedgerEntry(account, Direction.CREDIT, case.received)
    return _decided(case, "written_off", (entry,), id=id, posted_at=posted_at)


def withdrawal(case: Discrepancy, *, id: UUID, posted_at: datetime) -> LedgerTransaction:
    """The money was never there, or is the provider's again: it owes us nothing for it."""
    entry = LedgerEntry(clearing(case.provider), Direction.CREDIT, case.received)
    return _decided(case, "withdrawn", (entry,), id=id, posted_at=posted_at)


def _decided(
    case: Discrepancy,
    step: str,
    credited: tuple[LedgerEntry, ...],
    *,
    id: UUID,
    posted_at: datetime,
    intent: PaymentIntent | None = None,
) -> LedgerTransaction:
    return LedgerTransaction(
        id=id,
        cause=f"discrepancy:{case.id}:{step}",
        posted_at=posted_at,
        payment_intent_id=intent.id if intent else case.payment_intent_id,
        discrepancy_id=case.id,
        agency_code=intent.agency_code if intent else case.agency_code,
        entries=(
            LedgerEntry(SUSPENSE_OF_DISCREPANCIES, Direction.DEBIT, case.received),
            *credited,
        ),
    )
