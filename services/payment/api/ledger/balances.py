from fastapi import APIRouter

from chassis.auth import CallerDep, require
from services.payment.api.dependencies import ToolsDep
from services.payment.api.ledger.dependencies import AUDIT_SCOPE
from services.payment.api.ledger.schemas import BalanceBody, BalancesBody
from services.payment.use_cases.ledger.list_balances import list_balances

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("/balances")
async def get_balances(caller: CallerDep, tools: ToolsDep) -> BalancesBody:
    """Debits less credits of every account, this very moment. The gateway shows the trial balance
    instead, which says for which day. Needs the scope payment.audit."""
    require(caller, AUDIT_SCOPE)
    balances = await list_balances(reading=tools.open_reading())
    return BalancesBody(items=[BalanceBody.of(balance) for balance in balances])
