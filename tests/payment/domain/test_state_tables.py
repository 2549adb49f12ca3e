from itertools import product

import pytest

from services.payment.domain.errors import IllegalTransition
from services.payment.domain.intents import payment_attempt, payment_intent
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import (
    AttemptStatus,
    PaymentAttempt,
    next_enquiry,
)
from services.payment.domain.intents.payment_intent import Status
from tests.payment.readme import drawn_states
from tests.payment.samples import NOON, an_intent, new_id

INTENT_STEPS = {
    ("created", "confirmed"),
    ("created", "expired"),
    ("created", "cancelled"),
    ("confirmed", "succeeded"),
    ("confirmed", "expired"),
    ("confirmed", "cancelled"),
    ("expired", "created"),
    ("expired", "confirmed"),
    ("expired", "cancelled"),
}
ENDS = ("succeeded", "failed", "expired", "cancelled")
ATTEMPT_STEPS = {
    ("created", "pending"),
    ("created", "unknown"),
    ("pending", "unknown"),
    ("unknown", "pending"),
    ("failed", "succeeded"),
    *product(("created", "pending", "unknown"), ENDS),
}


def an_attempt(status: AttemptStatus) -> PaymentAttempt:
    return PaymentAttempt(
        id=new_id(),
        payment_intent_id=new_id(),
        number=1,
        method=Method.VIETQR,
        provider="sandbox",
        bill_reference="LP0123456789",
        started_at=NOON,
        expires_at=NOON,
        next_enquiry_at=NOON,
        status=status,
    )


@pytest.mark.parametrize(("start", "end"), list(product(Status, Status)))
def test_an_intent_takes_the_steps_of_its_table_and_no_other(start: Status, end: Status) -> None:
    intent = an_intent(status=start)

    if (start, end) in INTENT_STEPS:
        assert intent.move_to(end).status is end
    else:
        with pytest.raises(IllegalTransition):
            intent.move_to(end)


@pytest.mark.parametrize(("start", "end"), list(product(AttemptStatus, AttemptStatus)))
def test_an_attempt_takes_the_steps_of_its_table_and_no_other(
    start: AttemptStatus, end: AttemptStatus
) -> None:
    attempt = an_attempt(start)

    if (start, end) in ATTEMPT_STEPS:
        assert attempt.move_to(end).status is end
    else:
        with pytest.raises(IllegalTransition):
            attempt.move_to(end)


def test_the_readme_draws_the_states_that_the_tables_hold() -> None:
    intent, attempt = drawn_states()[:2]

    assert intent == {(str(a), str(b)) for a, ends in payment_intent.ALLOWED.items() for b in ends}
    assert attempt == {
        (str(a), str(b)) for a, ends in payment_attempt.ALLOWED.items() for b in ends
    }


def test_a_provider_is_asked_ever_more_seldom_and_once_at_the_deadline() -> None:
    deadline = NOON + 8 * payment_attempt.ENQUIRY_DELAYS[0]

    first, second, later = (
        next_enquiry(now=NOON, enquiries=count, expires_at=deadline) - NOON for count in (0, 1, 9)
    )

    assert (first, second) == payment_attempt.ENQUIRY_DELAYS[:2]
    assert later == deadline - NOON
    assert next_enquiry(now=deadline, enquiries=9, expires_at=deadline) > deadline
