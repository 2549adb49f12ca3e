from fastapi import APIRouter

from services.payment.api.dependencies import ToolsDep
from services.payment.api.ledger.dependencies import (
    LedgerReachDep,
    Since,
    Until,
    folio_of,
    period_of,
)
from services.payment.api.ledger.schemas import TrialBalanceBody
from services.payment.use_cases.ledger.get_trial_balance import get_trial_balance

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("/trial-balance")
async def get_one_trial_balance(
    reach: LedgerReachDep, tools: ToolsDep, as_of: Until = None, since: Since = None
) -> TrialBalanceBody:
    """Every account's opening, debits, credits and closing; zero in each currency when whole."""
    return TrialBalanceBody.of(
        await get_trial_balance(
            folio_of(reach),
            period=period_of(since, as_of, clock=tools.clock),
            reading=tools.open_reading(),
        )
    )
