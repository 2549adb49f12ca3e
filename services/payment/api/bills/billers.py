"""Who asks as a biller: a client of its own, whose signed request was kept as evidence."""

from typing import Final

from chassis.auth import Caller, MissingScope, require
from services.payment.domain.bills.errors import NoBillerEvidence

OPEN_SCOPE: Final = "payment.open"


def biller_of(caller: Caller, *, scope: str = OPEN_SCOPE) -> str:
    require(caller, scope)
    if caller.kind != "client" or caller.client_id is None:
        raise MissingScope(scope)
    return caller.client_id


def evidence_of(caller: Caller) -> str:
    if caller.evidence_id is None:
        raise NoBillerEvidence
    return caller.evidence_id
