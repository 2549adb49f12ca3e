"""VNPAY, VNPT Pay and the national platform over real HTTP: from the page to the refund."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chassis.money import Money
from services.payment.domain.errors import ProviderUnavailable
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, Reception
from services.payment.ports.providers import CheckoutOrder
from tests.payment.providers.stage import BILL, LINES, Stage, staged
from tests.payment.samples import FEE

METHODS = {
    "vnpay": Method.DOMESTIC_CARD,
    "vnptpay": Method.VNPT_PAY,
    "national": Method.INTERNET_BANKING,
}


@pytest.fixture(params=sorted(METHODS))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(request.param, tmp_path) as opened:
        yield opened


async def test_a_payer_goes_to_the_page_and_pays(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])

    checkout = await stage.provider.start_checkout(order)
    assert checkout.pay_url is not None
    page = await stage.client.get(checkout.pay_url, follow_redirects=True)
    assert page.status_code == 200
    assert "150.000 đồng" in page.text
    pressed = await stage.client.post(f"{page.url}/pay")
    again = await stage.client.post(f"{page.url}/pay")

    assert pressed.status_code == again.status_code == 303
    await asyncio.wait_for(stage.platform.heard.get(), 5)
    (notice,) = stage.platform.notices
    assert (notice.outcome, notice.amount, notice.is_for_us) == (Outcome.SUCCEEDED, FEE, True)
    assert notice.order_reference == order.order_reference
    assert notice.provider_reference != order.order_reference
    assert notice.paid_at == stage.clock.now()


async def test_a_payer_who_declines_is_told_of_and_sent_back(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    checkout = await stage.provider.start_checkout(order)
    page = await stage.client.get(checkout.pay_url or "", follow_redirects=True)

    pressed = await stage.client.post(f"{page.url}/decline")
    await asyncio.wait_for(stage.platform.heard.get(), 5)

    if stage.provider.name != "national":
        assert pressed.headers["location"].startswith(order.return_url)
    (notice,) = stage.platform.notices
    assert notice.outcome is Outcome.FAILED
    assert notice.failure
    answer = await stage.provider.enquire(stage.question(order))
    assert answer.outcome is Outcome.FAILED


async def test_what_was_paid_is_answered_when_asked(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)
    before = await stage.provider.enquire(stage.question(order))
    told = await stage.pay(order)

    # A later question knows the attempt by its name and not by the clock.
    stage.clock.advance(timedelta(hours=13))
    answer = await stage.provider.enquire(stage.question(order))

    assert before.outcome is Outcome.PENDING
    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P3")
    (notice,) = answer.notices
    assert notice.provider_reference == told.provider_reference
    assert (notice.order_reference, notice.amount) == (order.order_reference, FEE)
    assert (notice.paid_at, notice.outcome) == (told.paid_at, Outcome.SUCCEEDED)
    assert answer.raw
    assert answer.proof is not None


async def test_a_page_that_nobody_used_has_failed_in_the_end(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)

    stage.clock.advance(timedelta(hours=2))

    assert (await stage.provider.enquire(stage.question(order))).outcome is Outcome.FAILED


async def test_another_amount_is_told_as_it_is(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)

    notice = await stage.pay(order, behaviour="silent", amount=149_000)
    answer = await stage.provider.enquire(stage.question(order))

    assert notice.amount == Money(149_000)
    assert [one.amount for one in answer.notices] == [Money(149_000)]


async def test_a_notice_said_twice_is_one_movement(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)
    await stage.act(order, "pay", behaviour="silent")

    told = await stage.act(order, "notify", behaviour="twice")

    assert [one["heard"] for one in told] == [True, True]
    assert told[0]["answer"] == told[1]["answer"]
    one, other = stage.platform.notices
    assert one == other
    assert one.fingerprint == other.fingerprint


async def test_a_forged_notice_is_refused(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)
    await stage.act(order, "pay", behaviour="silent")

    (told,) = await stage.act(order, "notify", behaviour="bad_signature")

    assert (told["status"], told["heard"]) == (401, False)
    assert (stage.platform.forged, stage.platform.notices) == (1, [])


@pytest.mark.parametrize(
    ("reception", "ends"),
    [
        (Reception.RECORDED, True),
        (Reception.ALREADY_FINAL, True),
        (Reception.UNKNOWN_REFERENCE, False),
        (Reception.WRONG_AMOUNT, False),
    ],
)
async def test_our_answer_ends_the_repeats_only_when_we_have_it(
    stage: Stage, reception: Reception, ends: bool
) -> None:
    order = stage.order(METHODS[stage.provider.name])
    await _open(stage, order)
    await stage.act(order, "pay", behaviour="silent")
    stage.platform.reception = reception

    (told,) = await stage.act(order, "notify")

    assert told["heard"] is ends


async def test_an_order_signed_with_another_secret_is_not_taken(stage: Stage) -> None:
    name = stage.provider.name
    desk = stage.players.desks[name]
    object.__setattr__(desk, "secrets", dict.fromkeys(desk.secrets, "another"))
    order = stage.order(METHODS[name])

    if name == "vnpay":
        checkout = await stage.provider.start_checkout(order)
        assert (await stage.client.get(checkout.pay_url or "")).status_code == 400
    else:
        with pytest.raises(ProviderUnavailable):
            await stage.provider.start_checkout(order)

    assert (await stage.provider.enquire(stage.question(order))).outcome is Outcome.UNKNOWN


async def test_every_part_of_an_order_reaches_the_provider(stage: Stage) -> None:
    order = stage.order(METHODS[stage.provider.name])

    await _open(stage, order)

    kept = stage.players.desks[stage.provider.name].book.get(
        stage.provider.name, order.order_reference
    )
    assert kept.amount == FEE.minor_units == sum(line.amount.minor_units for line in LINES)
    assert "H19.25-261123-0001" in kept.description
    assert BILL in order.order_reference


async def test_vnpay_sends_the_payer_back_with_its_own_signed_words(tmp_path: Path) -> None:
    async with staged("vnpay", tmp_path) as stage:
        order = stage.order(Method.INTERNATIONAL_CARD, return_url="https://dvc.example.vn/?a=1")
        checkout = await stage.provider.start_checkout(order)
        page = await stage.client.get(checkout.pay_url or "", follow_redirects=True)
        pressed = await stage.client.post(f"{page.url}/pay")

    said = parse_qs(urlsplit(pressed.headers["location"]).query)
    assert said["a"] == ["1"]
    assert said["vnp_ResponseCode"] == ["00"]
    assert said["vnp_BankCode"] == ["INTCARD"]


async def test_vnpay_knows_no_order_whose_page_was_never_opened(tmp_path: Path) -> None:
    async with staged("vnpay", tmp_path) as stage:
        order = stage.order(Method.DOMESTIC_CARD)
        await stage.provider.start_checkout(order)

        answer = await stage.provider.enquire(stage.question(order))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


async def _open(stage: Stage, order: CheckoutOrder) -> None:
    """The order exists at the provider: for VNPAY from when its page is opened."""
    checkout = await stage.provider.start_checkout(order)
    assert checkout.pay_url is not None
    page = await stage.client.get(checkout.pay_url, follow_redirects=True)
    assert page.status_code == 200
