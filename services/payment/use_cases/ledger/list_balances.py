from collections.abc import Sequence
from typing import Final

from services.payment.domain.ledger.transaction import Balance
from services.payment.ports.unit_of_work import Reading

ACCOUNTS_MAX: Final = 10_000


async def list_balances(*, reading: Reading) -> Sequence[Balance]:
    """Every account's balance; over all accounts of a currency they sum to zero."""
    async with reading:
        return await reading.ledger.list_balances(limit=ACCOUNTS_MAX)
