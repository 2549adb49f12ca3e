"""Clearing of cheques over real HTTP: presented, then cleared or dishonoured by a signed word."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import SystemClock
from chassis.keys import load_public_key
from chassis.message_signatures import CALLBACK, BadSignature, SignedMessage, verify
from chassis.money import Money
from gateway.domain.callbacks.notice import Parts
from services.payment.domain.errors import ProviderUnavailable, UnreadableNotice
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import Capability, CheckoutOrder, Cheque, Question
from tests.payment.providers.over_http import Town

BILL = new_bill_reference("one")
ORDER = f"{BILL}01"
CHEQUE = Cheque(number="AB1234567", drawee_bank_bin="970436")
CONTROL = f"providers/echeque/sandbox/orders/{ORDER}"


def order(**changes: Any) -> CheckoutOrder:
    now = SystemClock().now()
    facts: dict[str, Any] = {
        "order_reference": ORDER,
        "bill_reference": BILL,
        "amount": Money(150_000),
        "description": "Nop phi",
        "method": Method.E_CHEQUE,
        "bank_code": None,
        "language": "vi",
        "client_ip": "127.0.0.1",
        "return_url": "http://portal.test/",
        "started_at": now,
        "expires_at": now + timedelta(hours=1),
        "cheque": CHEQUE,
    }
    return CheckoutOrder(**facts | changes)


def question(**changes: Any) -> Question:
    facts: dict[str, Any] = {
        "order_reference": ORDER,
        "provider_reference": None,
        "bill_reference": BILL,
        "account_number": None,
        "amount": None,
        "since": SystemClock().now(),
    }
    return Question(**facts | changes)


def prove(world: Town, told: Parts) -> None:
    """By the bank's registered key, over the place that it posted to."""
    host = dict(told.headers)["host"]
    message = SignedMessage(
        method="POST",
        url=f"http://{host}{world.gateway.paths[-1]}",
        headers=list(told.headers),
        body=told.body,
    )
    key = load_public_key(world.keys_dir / "clients" / "bank-echeque.pub.pem")
    verify(message, shape=CALLBACK, key=key, now=told.received_at)


async def test_a_cheque_pays_when_it_clears_and_not_before(world: Town) -> None:
    clearing = world.provider("echeque")

    checkout = await clearing.start_checkout(order())
    again = await clearing.start_checkout(order())
    before = await clearing.enquire(question())
    await world.control(f"{CONTROL}/pay")
    (told, *_) = await world.gateway.heard()
    after = await clearing.enquire(question())

    assert (checkout.pay_url, checkout.alias_account, again) == (None, None, checkout)
    assert (before.outcome, [one.outcome for one in before.notices]) == (
        Outcome.PENDING,
        [Outcome.PENDING],
    )
    prove(world, told)
    notice = clearing.parse_notification(told.body)
    assert (notice.outcome, notice.amount) == (Outcome.SUCCEEDED, Money(150_000))
    assert notice.order_reference == ORDER
    assert (after.outcome, after.evidence_level) == (Outcome.SUCCEEDED, "P1")
    assert after.notices[0].fingerprint == notice.fingerprint
    assert clearing.settling_evidence_levels == {"P1"}


async def test_a_dishonoured_cheque_says_why_and_moves_no_money(world: Town) -> None:
    clearing = world.provider("echeque")
    await clearing.start_checkout(order())
    await world.control(f"{CONTROL}/decline")
    (told, *_) = await world.gateway.heard()

    notice = clearing.parse_notification(told.body)
    answer = await clearing.enquire(question())

    prove(world, told)
    assert (notice.outcome, notice.failure) == (Outcome.FAILED, "insufficient_funds")
    assert answer.outcome is Outcome.FAILED


async def test_a_forged_clearing_is_refused(world: Town) -> None:
    await world.provider("echeque").start_checkout(order())
    await world.control(f"{CONTROL}/pay", behaviour="bad_signature")
    (told, *_) = await world.gateway.heard()

    with pytest.raises(BadSignature):
        prove(world, told)


async def test_an_altered_amount_is_refused(world: Town) -> None:
    await world.provider("echeque").start_checkout(order())
    await world.control(f"{CONTROL}/pay")
    (told, *_) = await world.gateway.heard()

    with pytest.raises(BadSignature):
        prove(world, replace(told, body=told.body.replace(b"150000", b"950000")))


async def test_said_twice_it_is_one_clearing_and_a_wrong_amount_is_told_as_it_is(
    world: Town,
) -> None:
    clearing = world.provider("echeque")
    await clearing.start_checkout(order())
    await world.control(f"{CONTROL}/pay", behaviour="twice", amount=149_000)
    first, second = (await world.gateway.heard(2))[:2]

    one, other = (clearing.parse_notification(told.body) for told in (first, second))
    assert one.notice_id != other.notice_id
    assert one.fingerprint == other.fingerprint
    assert (one.provider_reference, one.amount) == (other.provider_reference, Money(149_000))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cheque": replace(CHEQUE, drawee_bank_bin="970444")}, "cheque_not_taken"),
        ({"amount": Money(5, "USD")}, "cheque_not_taken"),
        ({"cheque": replace(CHEQUE, number="CD7")}, "another_cheque_of_that_name"),
        ({"cheque": None}, "no usable answer"),
    ],
)
async def test_a_cheque_that_is_not_taken_begins_nothing(
    world: Town, changes: dict[str, Any], reason: str
) -> None:
    clearing = world.provider("echeque")
    await clearing.start_checkout(order())

    with pytest.raises(ProviderUnavailable) as refusal:
        await clearing.start_checkout(order(**changes))

    assert reason in refusal.value.message


async def test_a_cheque_that_never_arrived_is_known_to_have_failed_only_in_time(
    world: Town,
) -> None:
    clearing = world.provider("echeque")
    long_ago = SystemClock().now() - timedelta(minutes=6)

    assert (await clearing.enquire(question())).outcome is Outcome.UNKNOWN
    assert (await clearing.enquire(question(since=long_ago))).outcome is Outcome.FAILED


async def test_what_cannot_be_read_is_refused_by_the_name_of_its_field(world: Town) -> None:
    clearing = world.provider("echeque")

    with pytest.raises(UnreadableNotice) as refusal:
        clearing.parse_notification(b'{"clearing_reference":"1","status":"perhaps"}')

    assert refusal.value.field in {"order_reference", "amount", "status"}
    assert clearing.capabilities == {
        Capability.NOTIFIES,
        Capability.CHECKS_OUT,
        Capability.ANSWERS_ENQUIRIES,
    }
