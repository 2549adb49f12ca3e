from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Query

from chassis.auth import CallerDep, MissingScope
from chassis.clock import Clock
from chassis.duties import Reach
from services.payment.domain.ledger.books import Period
from services.payment.domain.ledger.day import booking_day
from services.payment.ports.ledger import Folio

AUDIT_SCOPE: Final = "payment.audit"
LEDGER_SCOPE: Final = "payment.ledger"

Since = Annotated[date | None, Query(description="First day; else the first of the last's month")]
Until = Annotated[date | None, Query(description="Last day; else today, in Vietnam")]


async def _ledger_reach(caller: CallerDep) -> Reach:
    """An accountant sees the accounts of their agencies; an auditor of all agencies, all."""
    if not {AUDIT_SCOPE, LEDGER_SCOPE} & caller.scopes:
        raise MissingScope(LEDGER_SCOPE)
    return Reach.of_officer(caller)


LedgerReachDep = Annotated[Reach, Depends(_ledger_reach)]


def folio_of(reach: Reach) -> Folio:
    return Folio(agencies=reach.agencies)


def period_of(since: date | None, until: date | None, *, clock: Clock) -> Period:
    last = until or booking_day(clock.now())
    return Period(since=since or last.replace(day=1), until=last)
