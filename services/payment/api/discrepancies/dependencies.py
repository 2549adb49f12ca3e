from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends

from chassis.auth import CallerDep, require
from chassis.duties import Reach, is_officer
from services.payment.api.dependencies import Tools, ToolsDep, list_reach
from services.payment.ports.discrepancies import Sight

HANDLE_SCOPE: Final = "payment.handle"
# Who answers for accounts, and so for money that came to one and names no fee.
FOR_ACCOUNTS: Final = frozenset({"accountant", "auditor"})


async def _list_sight(caller: CallerDep, tools: ToolsDep) -> Sight:
    return _sight(caller, list_reach(caller), tools)


async def _handling_sight(caller: CallerDep, tools: ToolsDep) -> Sight:
    """Only a person on duty works on cases: those of their agencies."""
    require(caller, HANDLE_SCOPE)
    return _sight(caller, Reach.of_officer(caller), tools)


SightDep = Annotated[Sight, Depends(_list_sight)]
HandlingDep = Annotated[Sight, Depends(_handling_sight)]


def _sight(caller: CallerDep, reach: Reach, tools: Tools) -> Sight:
    sight = Sight(reach=reach)
    if reach.agencies is None or not is_officer(caller) or not caller.roles <= FOR_ACCOUNTS:
        return sight
    rest = tools.unplaced_money_agency in reach.agencies
    return replace(sight, accounts_of=reach.agencies, rest=rest)
