"""Who may do what with refunds. Officers hold one certain duty; a client acts for its own fees."""

from typing import Final

from chassis.auth import Caller, require
from chassis.duties import DutyNeeded, Reach
from services.payment.use_cases.refunds.decide_refund import Decider

SCOPE: Final = "payment.refund"
REQUESTER: Final = "refund-requester"
APPROVER: Final = "refund-approver"
ACCOUNTANT: Final = "accountant"


def asking_reach(caller: Caller) -> Reach:
    """Whose money the caller may ask back: a client its own fees', an officer their agencies'."""
    require(caller, SCOPE)
    if caller.kind == "client" and caller.client_id is not None:
        return Reach.of_client(caller.client_id)
    return officers_reach(caller)


def officers_reach(caller: Caller) -> Reach:
    require(caller, SCOPE)
    if caller.kind != "user" or caller.roles != {REQUESTER}:
        raise DutyNeeded
    return Reach.of_officer(caller)


def approver(caller: Caller) -> Decider:
    require(caller, SCOPE)
    if caller.kind != "user" or caller.roles != {APPROVER}:
        raise DutyNeeded
    return Decider(caller=caller, reach=Reach.of_officer(caller))


def reporter(caller: Caller) -> Decider:
    """Either duty opens this for its agencies, so it does not matter which counts where."""
    require(caller, SCOPE)
    if caller.kind != "user" or not caller.roles & {ACCOUNTANT, APPROVER}:
        raise DutyNeeded
    return Decider(caller=caller, reach=Reach.of_officer(caller))


def pays_by_hand(caller: Caller) -> bool:
    """Who has to know where the money goes."""
    return caller.kind == "user" and ACCOUNTANT in caller.roles
