"""vietqr.vn against its player over real HTTP: tokens both ways, codes, and questions."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import SystemClock
from chassis.money import Money
from gateway.domain.callbacks.errors import CallbackRefused
from services.payment.domain.errors import ProviderUnavailable, UnreadableNotice
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, Verdict
from services.payment.ports.providers import CheckoutOrder, OrderSeed, ProviderAnswer, Question
from tests.payment.providers.over_http import Town

ACCOUNT = "0011004000111"
BILL = new_bill_reference("one")
ORDER = f"{BILL}01"
FEED = "providers/vietqr/sandbox"
VERDICT = Verdict(status="kept", payment_intent_id=None, provider_reference="FT1", discrepancy=None)
RECORDED = json.loads(
    json.loads(Path("tests/gateway/schemes/recorded/vietqr.json").read_text())["body"]
)


async def transfer(world: Town, **changes: Any) -> dict[str, Any]:
    facts = {"account_number": ACCOUNT, "amount": 150_000, "content": f"{BILL} CT tu 001"}
    return await world.control(f"{FEED}/transfers", **facts | changes)


def question(**changes: Any) -> Question:
    facts: dict[str, Any] = {
        "order_reference": ORDER,
        "provider_reference": None,
        "bill_reference": BILL,
        "account_number": None,
        "amount": None,
        "since": SystemClock().now() - timedelta(minutes=5),
    }
    return Question(**facts | changes)


def order() -> CheckoutOrder:
    now = SystemClock().now()
    return CheckoutOrder(
        order_reference=ORDER,
        bill_reference=BILL,
        amount=Money(150_000),
        description="Nop phi",
        method=Method.BANK_TRANSFER,
        bank_code=None,
        language="vi",
        client_ip="127.0.0.1",
        return_url="http://portal.test/",
        started_at=now,
        expires_at=now + timedelta(hours=1),
    )


@pytest.mark.parametrize("amount", [150_000, 150_001])
async def test_it_fetches_a_token_and_tells_in_either_spelling(world: Town, amount: int) -> None:
    made = await transfer(world, amount=amount)
    (told, *_) = await world.gateway.heard()

    path = "/v1/provider-notifications/vietqr/bank/api/transaction-sync"
    assert world.gateway.paths[0] == path
    world.proves("vietqr", told)
    assert (b"bankAccount" in told.body) == (amount == 150_000)
    notice = world.provider("vietqr").parse_notification(told.body)
    assert (notice.outcome, notice.amount) == (Outcome.SUCCEEDED, Money(amount))
    assert notice.provider_reference == f"FT{made['provider_reference']}"
    assert (notice.account_number, notice.references.bills) == (ACCOUNT, (BILL,))
    assert abs(notice.paid_at - SystemClock().now()) < timedelta(minutes=1)


async def test_a_forged_token_and_one_for_another_password_are_refused(world: Town) -> None:
    await transfer(world, behaviour="bad_signature")
    (told, *_) = await world.gateway.heard()

    with pytest.raises(CallbackRefused):
        world.proves("vietqr", told)


async def test_its_own_answer_ends_the_repeats(world: Town) -> None:
    said = world.provider("vietqr").answer(b"", VERDICT)
    assert said is not None
    refusals = [replace(said, status=401), ProviderAnswer(body=b'{"error":true}')]
    world.gateway.says = lambda _parts: refusals.pop() if refusals else said

    await transfer(world, behaviour="twice")
    told = await world.gateway.heard(4)

    assert json.loads(said.body) == {
        "error": False,
        "errorReason": "000",
        "toastMessage": "",
        "object": {"reftransactionid": "FT1"},
    }
    assert len({one.body for one in told}) == 1


async def test_a_debit_is_never_a_payment(world: Town) -> None:
    provider = world.provider("vietqr")
    made = await transfer(world, direction="out")
    (told, *_) = await world.gateway.heard()

    answer = await provider.enquire(question(provider_reference=f"FT{made['provider_reference']}"))

    assert provider.parse_notification(told.body).outcome is Outcome.PENDING
    assert (answer.outcome, answer.notices) == (Outcome.FAILED, ())


async def test_asked_about_a_movement_it_says_what_it_told(world: Town) -> None:
    provider = world.provider("vietqr")
    await transfer(world, behaviour="wrong_amount")
    (told, *_) = await world.gateway.heard()
    notice = provider.parse_notification(told.body)

    answer = await provider.enquire(
        question(provider_reference=notice.provider_reference, account_number=ACCOUNT)
    )

    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P3")
    (said,) = answer.notices
    assert said.fingerprint == notice.fingerprint
    assert said.provider_reference == notice.provider_reference
    assert said.amount == Money(149_000)


async def test_an_order_is_made_known_asked_about_and_paid(world: Town) -> None:
    provider = world.provider("vietqr")
    seed = OrderSeed(bill_reference=BILL, number=1, started_at=SystemClock().now())
    assert provider.order_reference(seed) == ORDER

    before = await provider.enquire(question())
    checkout = await provider.start_checkout(order())
    unpaid = await provider.enquire(question())
    await world.control(f"{FEED}/orders/{ORDER}/pay", behaviour="late")
    paid = await provider.enquire(question())

    assert checkout.pay_url is not None
    assert (await world.http.get(checkout.pay_url)).is_success
    # Of an order that it never heard of it cannot know whether money came.
    assert before.outcome is Outcome.UNKNOWN
    assert (unpaid.outcome, unpaid.notices) == (Outcome.FAILED, ())
    assert paid.outcome is Outcome.SUCCEEDED
    (notice,) = paid.notices
    assert (notice.order_reference, notice.amount) == (ORDER, Money(150_000))


async def test_without_a_token_of_theirs_nothing_is_known_and_nothing_begins(world: Town) -> None:
    path = world.keys_dir / "payment-providers" / "vietqr.json"
    said = json.loads(path.read_text())
    said["secrets"]["api_password"] = "another password"
    path.write_text(json.dumps(said))
    provider = world.provider("vietqr")

    assert (await provider.enquire(question())).outcome is Outcome.UNKNOWN
    with pytest.raises(ProviderUnavailable):
        await provider.start_checkout(order())


async def test_a_recorded_notice_is_read(world: Town) -> None:
    notice = world.provider("vietqr").parse_notification(json.dumps(RECORDED).encode())

    assert (notice.amount, notice.outcome) == (Money(150_000), Outcome.SUCCEEDED)
    assert notice.provider_reference == "FT26327000001"
    assert notice.order_reference is None
    assert notice.paid_at.isoformat() == "2026-11-23T01:59:50+00:00"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("amount", 1.5),
        ("amount", 0),
        ("transType", "X"),
        ("transactiontime", "yesterday"),
        ("referencenumber", ""),
        ("bankaccount", None),
        ("orderId", "an order with spaces"),
        ("BANKACCOUNT", ACCOUNT),
    ],
)
async def test_what_cannot_be_read_is_refused(world: Town, member: str, value: Any) -> None:
    raw = json.dumps({**RECORDED, member: value}).encode()

    with pytest.raises(UnreadableNotice):
        world.provider("vietqr").parse_notification(raw)
