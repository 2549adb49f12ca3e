"""What a payer can choose among, and what their page says of a try that is on its way."""

from dataclasses import replace

import pytest

from gateway.domain.confirming.confirmation import Status
from gateway.domain.confirming.shown_ways import ShownAttempt, ShownMethod, ShownWays
from gateway.use_cases.confirming.show_payment import PaymentView, Stage
from gateway.use_cases.confirming.show_ways import show_ways
from tests.gateway.fakes import FakeUnitOfWork
from tests.gateway.proofs.fakes import session_of
from tests.gateway.samples import CONFIRMATION, PAYMENT
from tests.gateway.use_cases.confirming.test_show_payment import SHOWN, FakeShownPayments


def a_method(code: str, *, refusal: str = "") -> ShownMethod:
    return ShownMethod(
        code=code,
        name={"vi": code, "en": code},
        explanation={"vi": code, "en": code},
        refusal={"vi": refusal, "en": refusal} if refusal else {},
        brands=(),
    )


def an_attempt(method: str, status: str = "pending") -> ShownAttempt:
    return ShownAttempt(method=method, status=status, pay_url=None, alias_account=None)


async def shown(
    asked: str | None = None,
    *attempts: ShownAttempt,
    stage: Stage = Stage.PAYABLE,
    confirmed_for: str = "momo",
) -> ShownWays:
    uow = FakeUnitOfWork()
    given = replace(CONFIRMATION, status=Status.CONFIRMED, method=confirmed_for)
    uow.confirmations.confirmations[given.id] = given
    payments = FakeShownPayments(SHOWN)
    payments.methods = (a_method("vietqr"), a_method("momo"), a_method("zalopay", refusal="quá"))
    payments.attempts = attempts
    view = PaymentView(id=PAYMENT, payment=SHOWN, stage=stage, is_own=True)
    return await show_ways(view, asked, session=session_of(), payments=payments, uow=uow)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (None, "vietqr"),
        ("momo", "momo"),
        # Closed to this fee, unknown, or no name at all: the code is always there.
        ("zalopay", "vietqr"),
        ("cash", "vietqr"),
        ("<script>", "vietqr"),
    ],
)
async def test_what_is_offered_can_be_chosen(asked: str | None, chosen: str) -> None:
    assert (await shown(asked)).chosen == chosen


async def test_who_comes_back_from_a_provider_sees_how_that_try_stands() -> None:
    ways = await shown(None, an_attempt("vietqr"), an_attempt("momo"))

    assert ways.chosen == "momo"
    assert ways.attempt is not None
    assert (ways.attempt.is_waiting, ways.attempt.is_declined) == (True, False)


@pytest.mark.parametrize(
    ("status", "waiting", "declined"),
    [
        ("created", True, False),
        ("pending", True, False),
        ("unknown", True, False),
        ("failed", False, True),
        ("expired", False, False),
        ("succeeded", False, False),
    ],
)
async def test_not_knowing_is_waiting_and_never_declined(
    status: str, waiting: bool, declined: bool
) -> None:
    attempt = (await shown("momo", an_attempt("momo", status))).attempt

    assert attempt is not None
    assert (attempt.is_waiting, attempt.is_declined) == (waiting, declined)


async def test_a_way_is_gone_by_only_when_this_very_way_was_confirmed() -> None:
    assert (await shown("momo")).is_agreed
    assert not (await shown("momo", confirmed_for="vietqr")).is_agreed
    # The code is for whoever scans it, whichever way was confirmed first.
    assert (await shown("vietqr")).is_agreed
    assert not (await shown("vietqr", stage=Stage.CONFIRMABLE)).is_agreed


@pytest.mark.parametrize("stage", [Stage.PAID, Stage.EXPIRED, Stage.CANCELLED, Stage.PREPARING])
async def test_nothing_is_offered_once_paying_makes_no_sense(stage: Stage) -> None:
    assert (await shown("momo", stage=stage)).methods == ()
