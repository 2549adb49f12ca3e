"""What the fake books come to."""

from services.payment.domain.ledger.transaction import Direction
from tests.payment.fakes import FakeUnitOfWork


def sums(uow: FakeUnitOfWork) -> dict[str, int]:
    """By account and currency, debits less credits; accounts at zero are left out."""
    totals: dict[str, int] = {}
    for entry in (entry for one in uow.fake_ledger.rows for entry in one.entries):
        sign = 1 if entry.direction is Direction.DEBIT else -1
        name = f"{entry.account} {entry.amount.currency}"
        totals[name] = totals.get(name, 0) + sign * entry.amount.minor_units
    return {name: total for name, total in sorted(totals.items()) if total}
