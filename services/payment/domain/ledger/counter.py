"""What cash does in the books besides paying fees: it leaves the safe, and it comes back counted.

The safe's own opening balance is not known here: its account says what these drawers moved.
"""

from datetime import datetime
from uuid import UUID

from services.payment.domain.counter.cash_drawer import SAFE, CashDrawer
from services.payment.domain.ledger.accounts import cash, cash_difference
from services.payment.domain.ledger.transaction import Direction, LedgerEntry, LedgerTransaction


def drawer_account(drawer: CashDrawer) -> str:
    return cash(drawer.agency_code, drawer.drawer)


def float_out(drawer: CashDrawer, *, id: UUID, posted_at: datetime) -> LedgerTransaction:
    return LedgerTransaction(
        id=id,
        cause=f"cash_drawer:{drawer.id}:opened",
        posted_at=posted_at,
        agency_code=drawer.agency_code,
        entries=(
            LedgerEntry(drawer_account(drawer), Direction.DEBIT, drawer.float_given),
            LedgerEntry(cash(drawer.agency_code, SAFE), Direction.CREDIT, drawer.float_given),
        ),
    )


def handed_over(drawer: CashDrawer, *, id: UUID, posted_at: datetime) -> LedgerTransaction | None:
    """The drawer's account ends at nothing, whatever was counted; None when all was nothing."""
    if drawer.last_count is None:
        raise ValueError("a drawer is handed over after it was counted")
    counted, expected = drawer.last_count.counted, drawer.expected
    differences = cash_difference(drawer.agency_code)
    lines = [
        LedgerEntry(cash(drawer.agency_code, SAFE), Direction.DEBIT, counted),
        LedgerEntry(drawer_account(drawer), Direction.CREDIT, expected),
    ]
    if counted < expected:
        lines.append(LedgerEntry(differences, Direction.DEBIT, expected - counted))
    elif expected < counted:
        lines.append(LedgerEntry(differences, Direction.CREDIT, counted - expected))
    entries = tuple(line for line in lines if line.amount.minor_units)
    if not entries:
        return None
    return LedgerTransaction(
        id=id,
        cause=f"cash_drawer:{drawer.id}:closed",
        posted_at=posted_at,
        agency_code=drawer.agency_code,
        entries=entries,
    )
