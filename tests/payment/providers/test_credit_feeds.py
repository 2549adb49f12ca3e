"""What holds for SePay and Casso alike, against their players over real HTTP."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import SystemClock
from chassis.errors import Refused
from chassis.money import Money
from gateway.domain.callbacks.errors import CallbackRefused
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.notices.provider_notification import Outcome, Verdict
from services.payment.ports.providers import Question
from services.payment.providers.adapter import OutgoingRequest, Reply, UnusableReply
from services.payment.providers.casso import read_enquiry as read_casso
from services.payment.providers.sepay import LISTED_MAX
from services.payment.providers.sepay import read_enquiry as read_sepay
from tests.payment.providers.over_http import Town

FEEDS = ("sepay", "casso")
ACCOUNT = "0011004000111"
BILL = new_bill_reference("one")
OTHER_BILL = new_bill_reference("another")
RECORDED = Path("tests/gateway/schemes/recorded")
VERDICT = Verdict(status="kept", payment_intent_id=None, provider_reference="1", discrepancy=None)


async def transfer(world: Town, feed: str, **changes: Any) -> dict[str, Any]:
    facts = {"account_number": ACCOUNT, "amount": 150_000, "content": f"MBVCB.1.{BILL}.CT tu 001"}
    return await world.control(f"providers/{feed}/sandbox/transfers", **facts | changes)


def question(**changes: Any) -> Question:
    facts: dict[str, Any] = {
        "order_reference": None,
        "provider_reference": None,
        "bill_reference": BILL,
        "account_number": ACCOUNT,
        "amount": None,
        "since": SystemClock().now() - timedelta(minutes=5),
    }
    return Question(**facts | changes)


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_credit_is_told_signed_and_read_as_the_transfer_it_was(
    world: Town, feed: str
) -> None:
    provider = world.provider(feed)
    world.gateway.says = lambda parts: provider.answer(parts.body, VERDICT)  # type: ignore[assignment, return-value]

    made = await transfer(world, feed, virtual_account="VQRQ0001")
    (told, *_) = await world.gateway.heard()

    assert world.gateway.paths == [f"/v1/provider-notifications/{feed}"]
    world.proves(feed, told)
    notice = provider.parse_notification(told.body)
    assert (notice.outcome, notice.amount) == (Outcome.SUCCEEDED, Money(150_000))
    assert notice.provider_reference == made["provider_reference"]
    assert (notice.account_number, notice.alias_account) == (ACCOUNT, "VQRQ0001")
    assert notice.references.bills == (BILL,)
    assert abs(notice.paid_at - SystemClock().now()) < timedelta(minutes=1)


@pytest.mark.parametrize("feed", FEEDS)
async def test_its_own_answer_ends_the_repeats_and_another_does_not(world: Town, feed: str) -> None:
    provider = world.provider(feed)
    said = provider.answer(b"", VERDICT)
    assert said is not None
    refusals = [replace(said, status=503)]
    world.gateway.says = lambda _parts: refusals.pop() if refusals else said

    await transfer(world, feed)
    told = await world.gateway.heard(2)

    assert provider.parse_notification(told[0].body) == provider.parse_notification(told[1].body)


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_forged_notice_is_refused(world: Town, feed: str) -> None:
    await transfer(world, feed, behaviour="bad_signature")
    (told, *_) = await world.gateway.heard()

    with pytest.raises(CallbackRefused):
        world.proves(feed, told)


@pytest.mark.parametrize("feed", FEEDS)
async def test_one_changed_digit_of_the_amount_is_refused(world: Town, feed: str) -> None:
    await transfer(world, feed)
    (told, *_) = await world.gateway.heard()
    altered = replace(told, body=told.body.replace(b"150000", b"950000"))

    with pytest.raises(Refused):
        world.proves(feed, altered)


@pytest.mark.parametrize("feed", FEEDS)
async def test_said_twice_it_is_the_same_movement(world: Town, feed: str) -> None:
    provider = world.provider(feed)
    world.gateway.says = lambda parts: provider.answer(parts.body, VERDICT)  # type: ignore[assignment, return-value]

    await transfer(world, feed, behaviour="twice")
    first, second = await world.gateway.heard(2)

    one, other = (provider.parse_notification(told.body) for told in (first, second))
    assert (one.provider_reference, one.fingerprint) == (
        other.provider_reference,
        other.fingerprint,
    )


@pytest.mark.parametrize("feed", FEEDS)
async def test_what_leaves_the_account_is_never_a_payment(world: Town, feed: str) -> None:
    provider = world.provider(feed)
    made = await transfer(world, feed, direction="out")
    (told, *_) = await world.gateway.heard()

    notice = provider.parse_notification(told.body)
    by_reference = await provider.enquire(question(provider_reference=made["provider_reference"]))
    by_bill = await provider.enquire(question())

    assert notice.outcome is Outcome.PENDING
    assert (by_reference.outcome, by_reference.notices) == (Outcome.FAILED, ())
    assert (by_bill.outcome, by_bill.notices) == (Outcome.FAILED, ())


@pytest.mark.parametrize("feed", FEEDS)
async def test_asked_about_one_movement_it_says_what_the_notice_said(
    world: Town, feed: str
) -> None:
    provider = world.provider(feed)
    made = await transfer(world, feed, behaviour="wrong_amount", virtual_account="VQRQ0001")
    (told, *_) = await world.gateway.heard()

    answer = await provider.enquire(question(provider_reference=made["provider_reference"]))

    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P3")
    assert answer.notices == (provider.parse_notification(told.body),)
    assert answer.notices[0].amount == Money(149_000)
    assert answer.raw
    assert answer.proof is not None
    assert "authorization" not in answer.proof


@pytest.mark.parametrize("feed", FEEDS)
async def test_asked_about_a_bill_it_tells_the_credits_that_name_it_and_no_other(
    world: Town, feed: str
) -> None:
    provider = world.provider(feed)
    silent = {"behaviour": "silent"}
    made = await transfer(world, feed, **silent)
    await transfer(world, feed, content=OTHER_BILL, **silent)
    await transfer(world, feed, content="tien nha", **silent)
    await transfer(world, feed, account_number="999", **silent)
    await transfer(world, feed, direction="out", **silent)

    answer = await provider.enquire(question())

    assert answer.outcome is Outcome.SUCCEEDED
    assert [one.provider_reference for one in answer.notices] == [made["provider_reference"]]


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_bill_nobody_paid_and_a_movement_nobody_made_are_known_to_be_no_money(
    world: Town, feed: str
) -> None:
    provider = world.provider(feed)

    by_bill = await provider.enquire(question())
    by_reference = await provider.enquire(question(provider_reference="4711"))

    assert {by_bill.outcome, by_reference.outcome} == {Outcome.FAILED}


def test_a_list_that_does_not_hold_all_is_not_taken_for_all() -> None:
    """Of SePay: as many as were asked for, so there may be more. Casso counts all of them."""
    line = {"id": 1, "transaction_date": "2026-11-23 09:00:00", "account_number": ACCOUNT}
    line |= {"amount_in": "1.00", "amount_out": "0.00", "transaction_content": "tien nha"}
    full = {"status": 200, "transactions": [line] * LISTED_MAX}
    short = {"status": 200, "transactions": [line] * (LISTED_MAX - 1)}
    moved = {"id": 1, "when": "2026-11-23 09:00:00", "amount": 1, "bankSubAccId": ACCOUNT}
    counted = {"error": 0, "data": {"records": [moved], "totalRecords": 2}}
    all_of_them = {"error": 0, "data": {"records": [moved], "totalRecords": 1}}

    assert read_sepay(question(), reply(short)).outcome is Outcome.FAILED
    assert read_casso(question(), reply(all_of_them)).outcome is Outcome.FAILED
    with pytest.raises(UnusableReply):
        read_sepay(question(), reply(full))
    with pytest.raises(UnusableReply):
        read_casso(question(), reply(counted))


def reply(said: dict[str, Any]) -> Reply:
    return Reply(
        request=OutgoingRequest(method="GET", url="http://feed.test/"),
        status=200,
        headers={},
        body=json.dumps(said).encode(),
        received_at=SystemClock().now(),
    )


@pytest.mark.parametrize("feed", FEEDS)
async def test_whoever_does_not_let_us_in_has_told_nothing(world: Town, feed: str) -> None:
    path = world.keys_dir / "payment-providers" / f"{feed}.json"
    said = json.loads(path.read_text())
    said["secrets"] = dict.fromkeys(said["secrets"], "another secret")
    path.write_text(json.dumps(said))

    answer = await world.provider(feed).enquire(question())

    assert answer.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("feed", "memo"), [("sepay", "DVC0001 Nop le phi"), ("casso", "DVC0001 nộp lệ phí")]
)
async def test_a_recorded_notice_is_read(world: Town, feed: str, memo: str) -> None:
    recorded = json.loads((RECORDED / f"{feed}.json").read_text())["body"].encode()

    notice = world.provider(feed).parse_notification(recorded)

    assert (notice.amount, notice.outcome) == (Money(150_000), Outcome.SUCCEEDED)
    assert notice.purpose == memo
    assert notice.paid_at == datetime.fromisoformat("2026-11-23T09:00:00+07:00")


@pytest.mark.parametrize(
    ("feed", "member", "value"),
    [
        ("sepay", "transferAmount", 1.5),
        ("sepay", "transferAmount", "1e9"),
        ("sepay", "transferAmount", -1),
        ("sepay", "transferAmount", True),
        ("sepay", "transferType", "both"),
        ("sepay", "transactionDate", "23/11/2026"),
        ("sepay", "id", None),
        ("sepay", "accountNumber", "'; DROP"),
        ("casso", "amount", 0.5),
        ("casso", "amount", None),
        ("casso", "id", ""),
    ],
)
async def test_what_cannot_be_read_is_refused_by_the_name_of_its_field(
    world: Town, feed: str, member: str, value: Any
) -> None:
    said = json.loads(json.loads((RECORDED / f"{feed}.json").read_text())["body"])
    (said["data"] if feed == "casso" else said)[member] = value

    with pytest.raises(UnreadableNotice) as refusal:
        world.provider(feed).parse_notification(json.dumps(said).encode())

    assert member.lower().startswith((refusal.value.field or "?").split("_")[0].lower())


async def test_cassos_list_of_one_is_read_and_a_longer_one_is_refused(world: Town) -> None:
    line = {"id": 7, "amount": 150_000, "when": "2026-11-23 09:00:00", "bank_sub_acc_id": ACCOUNT}
    provider = world.provider("casso")

    notice = provider.parse_notification(json.dumps({"error": 0, "data": [line]}).encode())
    assert (notice.provider_reference, notice.account_number) == ("7", ACCOUNT)

    with pytest.raises(UnreadableNotice):
        provider.parse_notification(json.dumps({"error": 0, "data": [line, line]}).encode())
