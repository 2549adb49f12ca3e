"""MoMo, ZaloPay and PayOS against the programs that play them, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from chassis.errors import Refused
from chassis.money import Money
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts
from services.payment.domain.errors import ProviderUnavailable
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import Capability, CheckoutOrder, RefundOutcome
from tests.payment.providers.street import BILL, Heard, Street, open_street, question, refund_of
from tests.payment.samples import FEE, NOON

WAYS = [
    ("momo", Method.MOMO),
    ("momo", Method.DOMESTIC_CARD),
    ("zalopay", Method.ZALOPAY),
    ("zalopay", Method.DOMESTIC_CARD),
    ("zalopay", Method.INTERNATIONAL_CARD),
    ("payos", Method.VIETQR),
    ("payos", Method.BANK_TRANSFER),
]
FIRST_WAYS = {"momo": Method.MOMO, "zalopay": Method.ZALOPAY, "payos": Method.VIETQR}
REFUNDING = ["momo", "zalopay"]
# How each says that nothing was paid: by a notice, or only when asked.
TELLS_OF_REFUSALS = {"momo"}


@pytest.fixture(params=sorted(FIRST_WAYS))
async def street(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=REFUNDING)
async def refunding(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(request.param, tmp_path) as opened:
        yield opened


def first_way(street: Street) -> Method:
    return FIRST_WAYS[street.provider.name]


def gateway_hears(street: Street, heard: Heard) -> None:
    """Raises what the gateway would refuse the notice with."""
    scheme = SCHEMES[street.provider.name]
    assert scheme.verify is not None
    secrets = {name: street.secrets[name] for name in scheme.secrets[0]}
    parts = Parts(method=heard.method, headers=heard.headers, body=heard.body, received_at=NOON)
    scheme.verify(parts, Material(secrets=secrets))


@pytest.mark.parametrize(("name", "method"), WAYS)
async def test_every_method_leads_to_a_page_that_takes_the_fee(
    name: str, method: Method, tmp_path: Path
) -> None:
    async with open_street(name, tmp_path) as street:
        order = street.order(method)

        checkout = await street.provider.start_checkout(order)

        assert method in street.provider.methods
        assert checkout.pay_url is not None
        page = await street.client.get(checkout.pay_url)
        assert (page.status_code, "150.000 đồng" in page.text) == (200, True)
        pressed = await street.client.post(f"{checkout.pay_url}/pay")
        assert (pressed.status_code, pressed.headers["location"]) == (303, order.return_url)
        (notice,) = await street.notices(1)
        assert (notice.amount, notice.outcome) == (FEE, Outcome.SUCCEEDED)


async def test_what_a_paid_order_is_told_by_is_what_it_is_asked_by(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    before = await street.provider.enquire(question(order))
    await street.tell(order.order_reference, "pay")
    (told,) = await street.notices(1)
    after = await street.provider.enquire(question(order))

    assert (before.outcome, before.notices) == (Outcome.PENDING, ())
    assert (after.outcome, after.evidence_level) == (Outcome.SUCCEEDED, "P3")
    (asked,) = after.notices
    assert (told.order_reference, told.paid_at) == (order.order_reference, NOON)
    assert replace(asked, purpose=told.purpose) == told
    assert after.proof is not None
    assert after.proof["url"].startswith(street.url)
    gateway_hears(street, street.heard[0])


async def test_an_order_that_was_declined_is_known_to_bring_nothing(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    await street.tell(order.order_reference, "decline")
    answer = await street.provider.enquire(question(order))

    (denial,) = answer.notices
    assert answer.outcome is denial.outcome is Outcome.FAILED
    assert (denial.order_reference, denial.amount) == (order.order_reference, FEE)
    assert denial.failure
    if street.provider.name in TELLS_OF_REFUSALS:
        (told,) = await street.notices(1)
        assert (told.outcome, told.failure) == (Outcome.FAILED, "1006")
    else:
        (told_by_nobody,) = await street.tell(order.order_reference, "notify")
        assert (told_by_nobody["status"], street.heard) == (None, [])


async def test_an_order_that_was_never_made_is_known_to_bring_nothing(street: Street) -> None:
    answer = await street.provider.enquire(question(street.order(first_way(street))))

    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


async def test_a_wrong_amount_is_told_as_it_is(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    await street.tell(order.order_reference, "pay", behaviour="wrong_amount")
    (told,) = await street.notices(1)
    answer = await street.provider.enquire(question(order))

    assert told.amount == Money(149_000)
    assert [notice.amount for notice in answer.notices] == [Money(149_000)]


async def test_a_notice_said_twice_says_the_same(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    await street.tell(order.order_reference, "pay", behaviour="twice")
    one, other = await street.notices(2)

    assert one == other
    assert one.fingerprint == other.fingerprint


async def test_who_stays_silent_answers_when_asked(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    await street.tell(order.order_reference, "pay", behaviour="silent")
    answer = await street.provider.enquire(question(order))

    assert (answer.outcome, street.heard) == (Outcome.SUCCEEDED, [])


async def test_a_late_notice_is_the_same_notice(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)
    await street.tell(order.order_reference, "pay", behaviour="silent")
    (asked,) = (await street.provider.enquire(question(order))).notices

    street.clock.advance(order.expires_at - NOON)
    (posted,) = await street.tell(order.order_reference, "notify")

    (told,) = await street.notices(1)
    assert posted["heard"]
    assert (told.provider_reference, told.paid_at) == (asked.provider_reference, asked.paid_at)


async def test_a_forged_notice_is_refused_at_the_gateway(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    await street.tell(order.order_reference, "pay", behaviour="bad_signature")
    await street.notices(1)

    with pytest.raises(Refused):
        gateway_hears(street, street.heard[0])


async def test_the_same_order_twice_is_refused_and_not_two_orders(street: Street) -> None:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)

    with pytest.raises(ProviderUnavailable):
        await street.provider.start_checkout(order)


@pytest.mark.parametrize("name", sorted(FIRST_WAYS))
async def test_a_provider_that_holds_another_secret_takes_no_order_and_tells_nothing(
    name: str, tmp_path: Path
) -> None:
    async with open_street(name, tmp_path) as street:
        street.provider = street.rebuilt(secret="ANOTHERSECRETKEY0000000000000000")
        order = street.order(first_way(street))

        with pytest.raises(ProviderUnavailable):
            await street.provider.start_checkout(order)
        assert (await street.provider.enquire(question(order))).outcome is Outcome.UNKNOWN


async def test_a_provider_out_of_reach_is_not_knowing(street: Street) -> None:
    order = street.order(first_way(street))
    away = httpx.AsyncClient(transport=httpx.MockTransport(_away))
    street.provider = street.rebuilt(client=away)

    with pytest.raises(ProviderUnavailable):
        await street.provider.start_checkout(order)
    assert (await street.provider.enquire(question(order))).outcome is Outcome.UNKNOWN


def _away(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away")


async def test_payos_gives_each_order_an_account_of_its_own(tmp_path: Path) -> None:
    async with open_street("payos", tmp_path) as street:
        orders = [street.order(Method.VIETQR, number=number) for number in (1, 2)]

        accounts = [(await street.provider.start_checkout(one)).alias_account for one in orders]
        await street.tell(orders[0].order_reference, "pay")
        (told,) = await street.notices(1)

        assert len({*accounts, None}) == 3
        assert (told.alias_account, told.purpose) == (accounts[0], BILL)
        assert Capability.REFUNDS not in street.provider.capabilities


async def test_payos_waits_for_the_rest_of_a_payment(tmp_path: Path) -> None:
    async with open_street("payos", tmp_path) as street:
        order = street.order(Method.VIETQR)
        await street.provider.start_checkout(order)

        await street.tell(order.order_reference, "pay", amount=100_000)
        answer = await street.provider.enquire(question(order))

        assert answer.outcome is Outcome.PENDING
        assert [notice.amount for notice in answer.notices] == [Money(100_000)]


async def paid(street: Street, refund_behaviour: str = "normal") -> tuple[CheckoutOrder, str]:
    order = street.order(first_way(street))
    await street.provider.start_checkout(order)
    await street.tell(
        order.order_reference, "pay", behaviour="silent", refund_behaviour=refund_behaviour
    )
    (notice,) = (await street.provider.enquire(question(order))).notices
    return order, notice.provider_reference


async def test_a_refund_in_parts_never_pays_back_more_than_was_paid(refunding: Street) -> None:
    order, reference = await paid(refunding)
    parts = [
        refund_of(order, reference, refund_reference=f"RF{number}", amount=Money(100_000))
        for number in (1, 2)
    ]

    first = await refunding.provider.refund(parts[0])
    await refunding.provider.refund(parts[1])
    second = await refunding.provider.enquire_refund(parts[1])

    assert (first.outcome, first.evidence_level) == (RefundOutcome.SUCCEEDED, "P3")
    assert first.provider_reference
    assert second.outcome is RefundOutcome.FAILED
    assert second.failure


async def test_a_refund_called_for_twice_is_one_refund(refunding: Street) -> None:
    order, reference = await paid(refunding)
    refund = refund_of(order, reference)

    answers = [await refunding.provider.refund(refund) for _ in range(2)]

    assert [answer.outcome for answer in answers] == [RefundOutcome.SUCCEEDED] * 2
    assert len({answer.provider_reference for answer in answers}) == 1


@pytest.mark.parametrize(
    ("behaviour", "heard", "asked"),
    [
        ("normal", RefundOutcome.SUCCEEDED, RefundOutcome.SUCCEEDED),
        ("lost_answer", RefundOutcome.UNKNOWN, RefundOutcome.SUCCEEDED),
        ("dead", RefundOutcome.UNKNOWN, RefundOutcome.FAILED),
    ],
)
async def test_a_refund_of_unknown_end_is_known_when_asked_again(
    refunding: Street, behaviour: str, heard: RefundOutcome, asked: RefundOutcome
) -> None:
    order, reference = await paid(refunding, behaviour)
    refund = refund_of(order, reference)

    first = await refunding.provider.refund(refund)
    again = await refunding.provider.enquire_refund(refund)

    assert (first.outcome, again.outcome) == (heard, asked)


async def test_a_refund_under_way_is_done_later(refunding: Street) -> None:
    order, reference = await paid(refunding, "pending")
    refund = refund_of(order, reference)

    called = await refunding.provider.refund(refund)
    asked = [await refunding.provider.enquire_refund(refund) for _ in range(2)]

    assert called.outcome is asked[0].outcome is RefundOutcome.PENDING
    assert asked[1].outcome is RefundOutcome.SUCCEEDED


@pytest.mark.parametrize(
    ("name", "heard"), [("momo", RefundOutcome.FAILED), ("zalopay", RefundOutcome.UNKNOWN)]
)
async def test_a_refused_refund_is_refused_for_good_where_that_is_plain(
    name: str, heard: RefundOutcome, tmp_path: Path
) -> None:
    """ZaloPay's refusal may mean a repeat, so only the question about it decides."""
    async with open_street(name, tmp_path) as street:
        order, reference = await paid(street, "refused")
        refund = refund_of(order, reference)

        called = await street.provider.refund(refund)
        asked = await street.provider.enquire_refund(refund)

        assert (called.outcome, asked.outcome) == (heard, RefundOutcome.FAILED)
