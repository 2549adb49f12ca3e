"""VNPAY pays back: over real HTTP, in whole, in part, refused, late, unheard and never."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice
from services.payment.ports.providers import Capability, CheckoutOrder, RefundOutcome
from tests.payment.providers.stage import Stage, staged
from tests.payment.samples import FEE

HALF = Money(FEE.minor_units // 2)
MOST = Money(FEE.minor_units - 50_000)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged("vnpay", tmp_path) as opened:
        yield opened


async def paid(stage: Stage, **told: str) -> tuple[CheckoutOrder, ProviderNotice]:
    order = stage.order(Method.DOMESTIC_CARD)
    checkout = await stage.provider.start_checkout(order)
    await stage.client.get(checkout.pay_url or "", follow_redirects=True)
    notice = await stage.pay(order, **told)
    # The day after, in the afternoon: the payment's own time has to be said to the second.
    stage.clock.advance(timedelta(hours=27))
    return order, notice


async def test_the_whole_goes_back(stage: Stage) -> None:
    order, notice = await paid(stage)
    refund = stage.refund_order(order, notice)

    answer = await stage.provider.refund(refund)

    assert (answer.outcome, answer.failure) == (RefundOutcome.SUCCEEDED, None)
    assert answer.provider_reference not in (None, notice.provider_reference)
    assert answer.evidence_level == "P3"
    assert (await stage.provider.enquire_refund(refund)).outcome is RefundOutcome.SUCCEEDED


async def test_a_refund_is_never_taken_for_a_payment(stage: Stage) -> None:
    order, notice = await paid(stage)
    await stage.provider.refund(stage.refund_order(order, notice))

    answer = await stage.provider.enquire(stage.question(order))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


async def test_parts_go_back_until_nothing_is_left(stage: Stage) -> None:
    order, notice = await paid(stage)

    answers = [
        await stage.provider.refund(
            stage.refund_order(order, notice, amount=HALF, refund_reference=f"R{number}")
        )
        for number in range(3)
    ]

    outcomes = [answer.outcome for answer in answers]
    assert outcomes == [RefundOutcome.SUCCEEDED, RefundOutcome.SUCCEEDED, RefundOutcome.FAILED]
    assert answers[2].failure == "refused"
    # Of two equal parts nobody can say which one an answer is about.
    one = stage.refund_order(order, notice, amount=HALF, refund_reference="R0")
    assert (await stage.provider.enquire_refund(one)).outcome is RefundOutcome.UNKNOWN
    assert (await stage.provider.enquire(stage.question(order))).outcome is Outcome.UNKNOWN


async def test_a_refusal_is_a_positive_word(stage: Stage) -> None:
    order, notice = await paid(stage, refund_behaviour="refused")

    answer = await stage.provider.refund(stage.refund_order(order, notice))

    assert (answer.outcome, answer.failure) == (RefundOutcome.FAILED, "refused")


async def test_what_takes_its_time_is_asked_about(stage: Stage) -> None:
    order, notice = await paid(stage, refund_behaviour="pending")
    refund = stage.refund_order(order, notice)

    heard = [
        (await stage.provider.refund(refund)).outcome,
        (await stage.provider.enquire_refund(refund)).outcome,
        (await stage.provider.enquire_refund(refund)).outcome,
    ]

    assert heard == [RefundOutcome.PENDING, RefundOutcome.PENDING, RefundOutcome.SUCCEEDED]


@pytest.mark.parametrize("amount", [FEE, MOST])
async def test_a_refund_whose_answer_was_lost_is_made_once(stage: Stage, amount: Money) -> None:
    order, notice = await paid(stage, refund_behaviour="lost_answer")
    refund = stage.refund_order(order, notice, amount=amount)

    first = await stage.provider.refund(refund)
    again = await stage.provider.refund(refund)
    asked = await stage.provider.enquire_refund(refund)

    assert first.outcome is again.outcome is RefundOutcome.UNKNOWN
    assert asked.outcome is RefundOutcome.SUCCEEDED
    book = stage.players.desks["vnpay"].book
    assert book.refunded("vnpay", order.order_reference) == amount.minor_units


async def test_a_refund_that_was_never_made_stays_unknown(stage: Stage) -> None:
    order, notice = await paid(stage, refund_behaviour="dead")
    refund = stage.refund_order(order, notice)

    assert (await stage.provider.refund(refund)).outcome is RefundOutcome.UNKNOWN
    assert (await stage.provider.enquire_refund(refund)).outcome is RefundOutcome.UNKNOWN


async def test_who_pays_nothing_back_says_so(tmp_path: Path) -> None:
    for name in ("vnptpay", "national"):
        async with staged(name, tmp_path) as stage:
            assert Capability.REFUNDS not in stage.provider.capabilities
