"""Who may sit at this desk. What a provider says of a day is about every agency."""

from typing import Annotated, Final

from fastapi import Depends

from chassis.auth import Caller, CallerDep, require
from chassis.duties import EVERY_AGENCY, DutyNeeded, Reach, agencies_of, require_role
from services.payment.use_cases.settlements.acting import Acting

SCOPE: Final = "payment.settle"
ACCOUNTANT: Final = "accountant"


async def _reader(caller: CallerDep) -> Reach:
    require(caller, SCOPE)
    return Reach.of_officer(caller)


async def _reader_of_all(caller: CallerDep) -> Reach:
    require(caller, SCOPE)
    if EVERY_AGENCY not in agencies_of(caller):
        raise DutyNeeded
    return Reach.of_officer(caller)


async def _accountant(caller: CallerDep) -> Caller:
    """Of some agency: the reach says of which."""
    require(caller, SCOPE)
    if caller.roles != {ACCOUNTANT}:
        raise DutyNeeded
    return caller


async def _accountant_of_all(caller: CallerDep) -> Caller:
    require(caller, SCOPE)
    require_role(caller, ACCOUNTANT, agency=EVERY_AGENCY)
    return caller


ReaderDep = Annotated[Reach, Depends(_reader)]
ReaderOfAllDep = Annotated[Reach, Depends(_reader_of_all)]
AccountantDep = Annotated[Caller, Depends(_accountant)]
AccountantOfAllDep = Annotated[Caller, Depends(_accountant_of_all)]


def acting(caller: Caller) -> Acting:
    return Acting(caller.subject, Reach.of_officer(caller))
