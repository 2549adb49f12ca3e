"""How far money and receipts carry a dossier by themselves; people do the rest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.dossier.domain.dossier import Dossier, Reason, Step
from services.dossier.domain.fee_request import FeeRequest, PaymentStatus
from services.dossier.domain.receipt import Receipt, is_complete
from services.dossier.domain.state import State

# What is known of the money: (fee due, paid, every receipt issued).
_FREE: Final = (False, False, False)
_UNPAID: Final = (True, False, False)
_PAID: Final = (True, True, False)
_RECEIPTED: Final = (True, True, True)

# A receipt may be heard of before its payment. Facts are noted as they come and the dossier goes
# as far as all of them together carry it, so their order does not matter.
CARRIES: Final[Mapping[tuple[bool, bool, bool], Mapping[State, tuple[State, Reason]]]] = {
    _FREE: {
        State.REGISTERED: (State.ACCEPTED, Reason.NO_FEE_DUE),
        State.ACCEPTED: (State.IN_PROGRESS, Reason.WORK_BEGUN),
    },
    _UNPAID: {
        State.REGISTERED: (State.PAYMENT_REQUIRED, Reason.FEE_DUE),
    },
    _PAID: {
        State.REGISTERED: (State.PAYMENT_REQUIRED, Reason.FEE_DUE),
        State.PAYMENT_REQUIRED: (State.ACCEPTED, Reason.FEE_PAID),
    },
    _RECEIPTED: {
        State.REGISTERED: (State.PAYMENT_REQUIRED, Reason.FEE_DUE),
        State.PAYMENT_REQUIRED: (State.ACCEPTED, Reason.FEE_PAID),
        State.ACCEPTED: (State.IN_PROGRESS, Reason.RECEIPTS_ISSUED),
    },
}


def carry_on(
    dossier: Dossier,
    *,
    fee_request: FeeRequest | None,
    receipts: tuple[Receipt, ...] = (),
    at: datetime,
) -> tuple[Dossier, tuple[Step, ...]]:
    """The dossier after every move that is due now, and those moves; none when none is due."""
    paid = fee_request is not None and fee_request.status is PaymentStatus.SUCCEEDED
    table = CARRIES[(fee_request is not None, paid, paid and is_complete(receipts))]
    steps: list[Step] = []
    while dossier.state in table:
        state, reason = table[dossier.state]
        dossier, step = dossier.move_to(state, reason, at=at)
        steps.append(step)
    return dossier, tuple(steps)
