from fastapi import APIRouter

from chassis.auth import CallerDep, require
from services.payment.api.dependencies import ToolsDep
from services.payment.api.ledger.schemas import BalanceBody, BalancesBody
from services.payment.use_cases.ledger.list_balances import list_balances

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("/balances")
async def get_balances(caller: CallerDep, tools: ToolsDep) -> BalancesBody:
    """Debits less credits of every account; they sum to zero. Needs the scope payment.audit."""
    require(caller, "payment.audit")
    balances = await list_balances(reading=tools.open_reading())
    return BalancesBody(items=[BalanceBody.of(balance) for balance in balances])
