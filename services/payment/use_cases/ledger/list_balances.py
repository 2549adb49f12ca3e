from collections.abc import Sequence
from datetime import date

from services.payment.domain.ledger.books import Turnover
from services.payment.ports.ledger import Folio
from services.payment.ports.unit_of_work import Reading
from services.payment.use_cases.ledger.get_trial_balance import turnovers


async def list_balances(*, reading: Reading) -> Sequence[Turnover]:
    """Every account's balance; over all accounts of a currency they sum to zero."""
    async with reading:
        return await turnovers(Folio(), until=date.max, reading=reading)
