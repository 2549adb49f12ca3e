from collections.abc import Sequence
from typing import Protocol

from services.payment.domain.ledger.transaction import Balance, LedgerTransaction


class Ledger(Protocol):
    async def post(self, transaction: LedgerTransaction) -> None:
        """Once for each cause: the database refuses a second transaction for the same one."""

    async def list_balances(self, *, limit: int) -> Sequence[Balance]: ...
