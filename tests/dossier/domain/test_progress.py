from dataclasses import replace

from services.dossier.domain.dossier import Reason, Step
from services.dossier.domain.progress import carry_on
from services.dossier.domain.receipt import is_complete
from services.dossier.domain.state import State
from tests.dossier.samples import DOSSIER, FEE_REQUEST, MORNING, receipt

PAID = FEE_REQUEST.paid(at=MORNING)
BOTH = (receipt(1), receipt(2))


def path(steps: tuple[Step, ...]) -> list[tuple[int, int, str]]:
    return [(step.from_state, step.to_state, step.reason) for step in steps]


def test_a_dossier_that_owes_waits_for_its_fee() -> None:
    moved, steps = carry_on(DOSSIER, fee_request=FEE_REQUEST, at=MORNING)

    assert moved.state is State.PAYMENT_REQUIRED
    assert path(steps) == [(1, 6, Reason.FEE_DUE)]
    assert carry_on(moved, fee_request=FEE_REQUEST, at=MORNING) == (moved, ())


def test_a_free_dossier_goes_straight_to_work() -> None:
    moved, steps = carry_on(DOSSIER, fee_request=None, at=MORNING)

    assert moved.state is State.IN_PROGRESS
    assert path(steps) == [(1, 2, Reason.NO_FEE_DUE), (2, 4, Reason.WORK_BEGUN)]
    assert [step.position for step in steps] == [1, 2]


def test_payment_accepts_and_the_last_receipt_begins_the_work() -> None:
    waiting = replace(DOSSIER, state=State.PAYMENT_REQUIRED)

    accepted, _ = carry_on(waiting, fee_request=PAID, receipts=BOTH[:1], at=MORNING)
    working, steps = carry_on(accepted, fee_request=PAID, receipts=BOTH, at=MORNING)

    assert accepted.state is State.ACCEPTED
    assert path(steps) == [(2, 4, Reason.RECEIPTS_ISSUED)]
    assert working.state is State.IN_PROGRESS


def test_receipts_without_the_payment_move_nothing() -> None:
    waiting = replace(DOSSIER, state=State.PAYMENT_REQUIRED)

    assert carry_on(waiting, fee_request=FEE_REQUEST, receipts=BOTH, at=MORNING) == (waiting, ())


def test_a_payment_does_not_bring_back_a_withdrawn_dossier() -> None:
    withdrawn = replace(DOSSIER, state=State.WITHDRAWN)

    assert carry_on(withdrawn, fee_request=PAID, receipts=BOTH, at=MORNING) == (withdrawn, ())


def test_receipts_are_complete_when_every_part_is_there() -> None:
    assert not is_complete(())
    assert not is_complete((receipt(2),))
    assert is_complete((receipt(2), receipt(1)))
    assert is_complete((receipt(1, parts=1),))
