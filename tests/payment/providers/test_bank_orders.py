"""The partner bank over real HTTP: an account for one fee, money paid back, signed both ways."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.clock import SystemClock
from chassis.keys import load_private_key, load_public_key
from chassis.message_signatures import CALLBACK, SignedMessage, verify
from chassis.money import Money
from services.payment.domain.errors import ProviderUnavailable
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import (
    Capability,
    CheckoutOrder,
    OrderSeed,
    Question,
    RefundAccount,
    RefundOrder,
    RefundOutcome,
)
from services.payment.providers.adapter import Call, ProviderConfig, Reply, UnusableReply
from services.payment.providers.bank_orders import BankKeys, read_refund, refund_request
from tests.payment.providers.over_http import Town

BILL = new_bill_reference("one")
ACCOUNT = "0011004000111"
FEE = Money(150_000)


def order(**changes: Any) -> CheckoutOrder:
    now = SystemClock().now()
    facts: dict[str, Any] = {
        "order_reference": f"{BILL}01",
        "bill_reference": BILL,
        "amount": FEE,
        "description": "Nop phi",
        "method": Method.BANK_TRANSFER,
        "bank_code": None,
        "language": "vi",
        "client_ip": "127.0.0.1",
        "return_url": "http://portal.test/",
        "started_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return CheckoutOrder(**facts | changes)


def refund(provider_reference: str, **changes: Any) -> RefundOrder:
    now = SystemClock().now()
    facts: dict[str, Any] = {
        "refund_reference": "RF0001",
        "order_reference": None,
        "provider_reference": provider_reference,
        "paid": FEE,
        "amount": FEE,
        "description": "Hoan tra",
        "paid_at": now,
        "ordered_by": "officer",
        "ordered_at": now,
    }
    return RefundOrder(**facts | changes)


async def paid(world: Town, **changes: Any) -> str:
    facts = {"account_number": ACCOUNT, "amount": 150_000, "behaviour": "silent"}
    reference: str = (await world.control("transfers", **facts | changes))["provider_reference"]
    return reference


async def test_an_account_for_one_fee_tells_whose_money_came_whatever_the_memo_says(
    world: Town,
) -> None:
    bank = world.provider("sandbox")
    seed = OrderSeed(bill_reference=BILL, number=1, started_at=SystemClock().now())
    assert bank.order_reference(seed) == f"{BILL}01"

    checkout = await bank.start_checkout(order())
    again = await bank.start_checkout(order())
    await world.control(
        "transfers", account_number=checkout.alias_account, amount=150_000, purpose="tien nha"
    )
    (told, *_) = await world.gateway.heard()
    answer = await bank.enquire(
        Question(
            order_reference=f"{BILL}01",
            provider_reference=None,
            bill_reference=BILL,
            account_number=None,
            amount=None,
            since=SystemClock().now(),
        )
    )

    assert checkout.alias_account is not None
    assert again == checkout
    key = load_public_key(world.keys_dir / "clients" / "bank-sandbox.pub.pem")
    told_at = told.headers
    host = dict(told_at)["host"]
    message = SignedMessage(
        method="POST",
        url=f"http://{host}{world.gateway.paths[0]}",
        headers=list(told_at),
        body=told.body,
    )
    verify(message, shape=CALLBACK, key=key, now=told.received_at)
    notice = bank.parse_notification(told.body)
    assert (notice.alias_account, notice.account_number) == (checkout.alias_account, ACCOUNT)
    assert notice.amount == FEE
    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P1")
    assert answer.notices[0].fingerprint == notice.fingerprint


async def test_the_bank_says_no_in_a_word_of_its_own(world: Town) -> None:
    bank = world.provider("sandbox")
    await bank.start_checkout(order())

    with pytest.raises(ProviderUnavailable) as of_another_amount:
        await bank.start_checkout(order(amount=Money(1)))
    with pytest.raises(ProviderUnavailable) as of_dollars:
        await bank.start_checkout(order(order_reference="X", amount=Money(1, "USD")))

    assert "another_order_of_that_name" in of_another_amount.value.message
    assert "currency_not_taken" in of_dollars.value.message


async def test_money_goes_back_once_however_often_it_is_ordered(world: Town) -> None:
    bank = world.provider("sandbox")
    reference = await paid(world)
    part = refund(reference, amount=Money(50_000))

    first = await bank.refund(part)
    second = await bank.refund(part)
    rest = await bank.refund(refund(reference, refund_reference="RF2", amount=Money(100_000)))
    too_much = await bank.refund(refund(reference, refund_reference="RF3", amount=Money(1)))
    asked = await bank.enquire_refund(part)

    assert (first.outcome, first.evidence_level) == (RefundOutcome.SUCCEEDED, "P1")
    assert second.provider_reference == first.provider_reference == asked.provider_reference
    assert rest.outcome is RefundOutcome.SUCCEEDED
    assert (too_much.outcome, too_much.failure) == (RefundOutcome.FAILED, "more_than_was_paid")
    assert first.proof is not None
    assert {"signature", "signature-input", "content-digest", "url"} <= set(first.proof)


async def test_money_goes_to_an_account_where_it_cannot_go_back(world: Town) -> None:
    bank = world.provider("sandbox")
    account = RefundAccount(bank_bin="970415", account_number="123", account_name="NGUYEN VAN A")

    answer = await bank.refund(refund(await paid(world), account=account))

    assert Capability.REFUNDS_TO_ACCOUNTS in bank.capabilities
    assert answer.outcome is RefundOutcome.SUCCEEDED


@pytest.mark.parametrize(
    ("behaviour", "at_first", "when_asked"),
    [
        ("normal", RefundOutcome.SUCCEEDED, RefundOutcome.SUCCEEDED),
        ("pending", RefundOutcome.PENDING, RefundOutcome.SUCCEEDED),
        ("refused", RefundOutcome.FAILED, RefundOutcome.FAILED),
        # Done and never heard of; neither done nor heard of, and it may be under way still.
        ("lost_answer", RefundOutcome.UNKNOWN, RefundOutcome.SUCCEEDED),
        ("dead", RefundOutcome.UNKNOWN, RefundOutcome.UNKNOWN),
    ],
)
async def test_what_is_not_known_of_a_refund_is_asked(
    world: Town, behaviour: str, at_first: RefundOutcome, when_asked: RefundOutcome
) -> None:
    bank = world.provider("sandbox")
    ordered = refund(await paid(world, refund_behaviour=behaviour))

    assert (await bank.refund(ordered)).outcome is at_first
    assert (await bank.enquire_refund(ordered)).outcome is when_asked


async def test_an_order_that_the_bank_never_got_has_failed_once_it_can_come_no_more(
    world: Town,
) -> None:
    bank = world.provider("sandbox")
    ordered = refund("FT0")
    long_ago = replace(ordered, ordered_at=ordered.ordered_at - timedelta(minutes=6))

    assert (await bank.enquire_refund(ordered)).outcome is RefundOutcome.UNKNOWN
    answer = await bank.enquire_refund(long_ago)
    assert (answer.outcome, answer.failure) == (RefundOutcome.FAILED, "never_received")


async def test_the_bank_takes_no_order_that_is_not_signed_by_us(world: Town) -> None:
    keys = BankKeys(
        bank=load_public_key(world.keys_dir / "clients" / "bank-sandbox.pub.pem"),
        own=load_private_key(world.keys_dir / "payment" / "outgoing.key.pem"),
    )
    config = ProviderConfig(name="sandbox", client_id="", url=world.bank_url, notify_url="")
    reference = await paid(world)
    call = Call(now=SystemClock().now(), request_id="0" * 32)
    ours = refund_request(config, keys, refund(reference), call)
    forged = refund_request(
        config, replace(keys, own=generate_private_key(SECP256R1())), refund(reference), call
    )
    late = refund_request(
        config, keys, refund(reference), replace(call, now=call.now - timedelta(minutes=3))
    )
    altered = replace(ours, body=ours.body.replace(b"150000", b"950000"))
    unsigned = replace(ours, headers={"content-type": "application/json"})

    statuses = [
        (await world.http.post(one.url, content=one.body, headers=dict(one.headers))).status_code
        for one in (forged, late, altered, unsigned, ours)
    ]

    assert statuses == [401, 401, 401, 401, 200]


async def test_an_answer_to_another_order_or_by_another_tells_nothing(world: Town) -> None:
    keys = BankKeys(
        bank=load_public_key(world.keys_dir / "clients" / "bank-sandbox.pub.pem"),
        own=load_private_key(world.keys_dir / "payment" / "outgoing.key.pem"),
    )
    config = ProviderConfig(name="sandbox", client_id="", url=world.bank_url, notify_url="")
    ordered = refund(await paid(world))
    requests = [
        refund_request(config, keys, one, Call(now=SystemClock().now(), request_id=number * 32))
        for one, number in ((ordered, "0"), (replace(ordered, refund_reference="RF2"), "1"))
    ]
    replies = []
    for request in requests:
        sent = await world.http.post(
            request.url, content=request.body, headers=dict(request.headers)
        )
        replies.append(as_reply(sent, request))

    assert read_refund(keys, ordered, replies[0]).outcome is RefundOutcome.SUCCEEDED
    for spoiled in (
        replies[1],
        replace(replies[0], request=requests[1]),
        replace(replies[0], body=replies[0].body.replace(b"succeeded", b"refused!!")),
        replace(replies[0], status=201),
        replace(replies[0], received_at=replies[0].received_at + timedelta(minutes=5)),
    ):
        with pytest.raises(UnusableReply):
            read_refund(keys, ordered, spoiled)
    another = replace(keys, bank=generate_private_key(SECP256R1()).public_key())
    with pytest.raises(UnusableReply):
        read_refund(another, ordered, replies[0])


def as_reply(sent: httpx.Response, request: Any) -> Reply:
    return Reply(
        request=request,
        status=sent.status_code,
        headers=dict(sent.headers),
        body=sent.content,
        received_at=SystemClock().now(),
    )


async def test_without_a_key_of_ours_the_bank_is_heard_and_asked_and_takes_no_orders(
    world: Town,
) -> None:
    (world.keys_dir / "payment" / "outgoing.key.pem").unlink()
    bank = world.provider("sandbox")

    assert bank.capabilities == {Capability.NOTIFIES, Capability.ANSWERS_ENQUIRIES}
