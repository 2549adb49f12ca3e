from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.auth import Caller, MissingScope
from chassis.clock import Clock
from chassis.duties import Reach, is_officer
from chassis.ids import Ids
from chassis.money import Money
from chassis.ports import SealingPort
from services.payment.api.settlements.tools import SettlementTools
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.routing import Availability
from services.payment.ports.providers import Provider
from services.payment.ports.unit_of_work import Reading, UnitOfWork
from services.payment.use_cases.bills.desk import BillDesk

READ_SCOPE: Final = "payment.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    open_uow: Callable[[], UnitOfWork]
    open_reading: Callable[[], Reading]
    providers: Mapping[str, Provider]
    vietqr_provider: str
    seals: SealingPort
    # Refunds up to this need no second person.
    refund_approval_above: Money
    bill_desk: BillDesk
    # Money of a discrepancy up to this needs no second person either.
    discrepancy_approval_above: Money
    # The agency that answers for money which names no fee and came to no agency's account.
    unplaced_money_agency: str | None
    routes: Mapping[Method, Sequence[str]]
    availability: Availability
    public_origin: str
    intent_lifetime: timedelta
    settlements: SettlementTools
    clock: Clock
    ids: Ids


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]
# The id of the last item that the caller has seen.
Cursor = Annotated[UUID | None, Query(description="next_cursor of the page before")]


def list_reach(caller: Caller) -> Reach:
    """Whose things the caller may list: a client its own, an officer those of their agencies.

    Money that nobody can place belongs to no agency: it is shown to those who answer for all.
    """
    if caller.kind == "client" and caller.client_id is not None:
        return Reach.of_client(caller.client_id)
    if READ_SCOPE in caller.scopes and is_officer(caller):
        return Reach.of_officer(caller)
    raise MissingScope(READ_SCOPE)


def reach(caller: Caller) -> Reach:
    """As for lists. A sister service sees any; so does a person who is not on duty and has the id,
    for a fee is paid by whoever was handed it: what is shown names no payer."""
    if READ_SCOPE in caller.scopes and caller.kind in ("user", "service"):
        return Reach.of_officer(caller) if is_officer(caller) else Reach.everything()
    return list_reach(caller)
