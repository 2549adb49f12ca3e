import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.auth import Caller
from chassis.db import Database
from services.payment.domain.intents.payment_intent import PaymentIntent
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.contracts import said_types
from tests.payment.samples import NOON, a_confirmation, new_id, notice_bytes, notice_facts
from tests.payment.world import SqlWorld

PORTAL = Caller(subject="portal-demo", kind="client", client_id="portal-demo")
STRANGER = Caller(subject="other", kind="client", client_id="other")
PAYER = Caller(subject="payer", kind="user", scopes=frozenset({"payment.confirm"}))
READER = Caller(subject="gateway", kind="service", scopes=frozenset({"payment.read"}))
AUDITOR = Caller(
    subject="auditor",
    kind="user",
    scopes=frozenset({"payment.read", "payment.audit"}),
    roles=frozenset({"auditor"}),
    agencies=frozenset({"*"}),
)
BANK = Caller(
    subject="bank-sandbox",
    kind="client",
    client_id="bank-sandbox",
    scopes=frozenset({"provider.notify"}),
    evidence_id="evidence-1",
    evidence_level="P1",
)
INTENTS = "/v1/payment-intents"
NOTICES = "/v1/provider-notifications/sandbox"


def confirmation_body(**changes: Any) -> dict[str, Any]:
    confirmation = a_confirmation()
    return {
        "confirmation_id": str(confirmation.id),
        "evidence_id": confirmation.evidence_id,
        "method": "vietqr",
        "amount": {"amount": 150_000, "currency": "VND"},
        "assurance": confirmation.assurance,
        **changes,
    }


async def confirmed_by(door: Door, intent: PaymentIntent, body: Any) -> httpx.Response:
    return await door.post(f"{INTENTS}/{intent.id}/confirmation", PAYER, body)


async def test_an_intent_is_shown_without_a_code_until_it_is_confirmed(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.opened()

    shown = (await door.get(f"{INTENTS}/{intent.id}", PORTAL)).json()

    assert shown["id"] == str(intent.id)
    assert shown["assurance"] is None
    assert shown["amount"] == {"amount": 150_000, "currency": "VND"}
    assert shown["agency"] == {"code": "H19.25", "name": "Sở Tư pháp"}
    assert shown["payee"]["account_number"] == intent.payee.account_number
    assert [line["kind"] for line in shown["lines"]] == ["phi", "le_phi"]
    assert (shown["status"], shown["qr_payload"], shown["bill_reference"]) == (
        "created",
        None,
        None,
    )
    assert "payer" not in str(shown)


async def test_a_confirmation_opens_the_code_and_repeats_are_answered_byte_by_byte(
    world: SqlWorld, door: Door
) -> None:
    intent, body = await world.opened(), confirmation_body()

    first = await confirmed_by(door, intent, body)
    await world.notify(notice_facts(first.json()["bill_reference"]))
    again = await confirmed_by(door, intent, body)

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert first.json()["status"] == "confirmed"
    assert first.json()["qr_payload"].startswith("000201010212")
    assert first.json()["assurance"] == body["assurance"]


async def test_a_paid_intent_shows_when_it_was_paid_and_no_code_to_pay_again(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.confirmed()
    await world.notify(notice_facts(intent.bill_reference))

    shown = (await door.get(f"{INTENTS}/{intent.id}", READER)).json()

    assert (shown["status"], shown["qr_payload"]) == ("succeeded", None)
    assert shown["paid_at"] == "2026-11-23T05:01:00Z"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": {"amount": 149_999, "currency": "VND"}}, 409, "amount_mismatch"),
        ({"amount": {"amount": 150_000, "currency": "USD"}}, 422, "invalid"),
        ({"amount": {"amount": 150_000.5, "currency": "VND"}}, 422, "invalid"),
        ({"method": "barter"}, 422, "invalid"),
        ({"more": 1}, 422, "invalid"),
    ],
)
async def test_a_confirmation_that_does_not_fit_is_refused(
    world: SqlWorld, door: Door, changes: dict[str, Any], status: int, code: str
) -> None:
    intent = await world.opened()

    answer = await confirmed_by(door, intent, confirmation_body(**changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_second_confirmation_is_a_conflict(world: SqlWorld, door: Door) -> None:
    intent = await world.opened()
    await confirmed_by(door, intent, confirmation_body())

    answer = await confirmed_by(door, intent, confirmation_body())

    assert (answer.status_code, answer.json()["code"]) == (409, "already_confirmed")


async def test_nobody_sees_the_intents_of_another_client(world: SqlWorld, door: Door) -> None:
    intent = await world.opened()
    path = f"{INTENTS}/{intent.id}"

    asked = [PORTAL, STRANGER, READER, AUDITOR, PAYER]
    answers = [(await door.get(path, caller)).status_code for caller in asked]

    assert answers == [200, 404, 200, 200, 403]
    assert (await door.get(INTENTS, STRANGER)).json() == {"items": [], "next_cursor": None}
    assert (await door.get(INTENTS, READER)).status_code == 403
    assert (await door.get(f"{INTENTS}/{new_id()}", PORTAL)).status_code == 404


async def test_only_the_gateway_confirms_and_only_providers_notify(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.opened()

    confirming = await door.post(f"{INTENTS}/{intent.id}/confirmation", PORTAL, confirmation_body())
    notifying = await door.post(NOTICES, PORTAL, notice_facts("LP0123456789"))

    assert (confirming.status_code, notifying.status_code) == (403, 403)


async def test_intents_come_in_pages(world: SqlWorld, door: Door) -> None:
    intents = sorted([str((await world.opened()).id) for _ in range(3)], reverse=True)

    first = (await door.get(INTENTS, PORTAL, limit=2)).json()
    second = (await door.get(INTENTS, PORTAL, limit=2, cursor=first["next_cursor"])).json()

    pages = [[item["id"] for item in page["items"]] for page in (first, second)]
    assert pages == [intents[:2], intents[2:]]
    assert second["next_cursor"] is None
    assert (await door.get(INTENTS, PORTAL, cursor="x")).status_code == 422


async def test_a_notice_is_answered_with_what_became_of_it(world: SqlWorld, door: Door) -> None:
    intent = await world.confirmed()
    facts = notice_facts(intent.bill_reference)

    answer = await door.post(NOTICES, BANK, facts)
    again = await door.post(NOTICES, BANK, facts | {"notice_id": "another"})

    assert answer.status_code == 200
    assert answer.content == again.content
    assert answer.json() == {
        "status": "settled",
        "payment_intent_id": str(intent.id),
        "provider_reference": facts["provider_reference"],
        "discrepancy": None,
    }


async def test_money_for_nobody_is_kept_and_only_auditors_see_it(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.confirmed()
    unknown = await door.post(NOTICES, BANK, notice_facts("LP0000000000"))
    await door.post(NOTICES, BANK, notice_facts(intent.bill_reference, amount=1))

    mine = (await door.get("/v1/discrepancies", PORTAL)).json()["items"]
    everything = (await door.get("/v1/discrepancies", AUDITOR, limit=1)).json()

    assert unknown.json()["discrepancy"] == "unknown_reference"
    assert unknown.json()["payment_intent_id"] is None
    assert [one["reason"] for one in mine] == ["underpaid"]
    assert mine[0]["expected"] == {"amount": 150_000, "currency": "VND"}
    assert mine[0]["proposed_refund"] == {"amount": 1, "currency": "VND"}
    assert everything["next_cursor"] == everything["items"][0]["id"]


async def test_the_balances_sum_to_zero_and_are_for_auditors(world: SqlWorld, door: Door) -> None:
    intent = await world.confirmed()
    for facts in (notice_facts(intent.bill_reference), notice_facts(None)):
        await door.post(NOTICES, BANK, facts)

    answer = await door.get("/v1/ledger/balances", AUDITOR)

    assert sum(item["balance_minor_units"] for item in answer.json()["items"]) == 0
    assert len(answer.json()["items"]) == 4
    assert (await door.get("/v1/ledger/balances", PORTAL)).status_code == 403


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "unreadable_json"),
        (b'{"amount": 1, "amount": 2}', 400, "unreadable_json"),
        (b"[]", 422, "unreadable_notice"),
        (notice_bytes(notice_facts("LP0123456789", amount=-1)), 422, "unreadable_notice"),
        (notice_bytes(notice_facts("LP0123456789", amount="150000")), 422, "unreadable_notice"),
        (notice_bytes(notice_facts("LP0123456789", amount=True)), 422, "unreadable_notice"),
        (notice_bytes(notice_facts("LP0123456789", paid_at="today")), 422, "unreadable_notice"),
        (notice_bytes(notice_facts("LP0", provider_reference="a\x00")), 422, "unreadable_notice"),
    ],
)
async def test_a_notice_that_cannot_be_read_is_refused(
    door: Door, raw: bytes, status: int, code: str
) -> None:
    answer = await door.post(NOTICES, BANK, raw)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_provider_we_do_not_have_is_not_found(door: Door) -> None:
    answer = await door.post("/v1/provider-notifications/acme", BANK, notice_facts("x"))

    assert (answer.status_code, answer.json()["code"]) == (404, "provider_not_found")


async def test_a_weakly_proved_notice_is_kept_and_asked_about_at_once(
    world: SqlWorld, door: Door
) -> None:
    intent = await world.confirmed()
    weak = Caller(
        subject="bank-sandbox",
        kind="client",
        client_id="bank-sandbox",
        scopes=frozenset({"provider.notify"}),
        evidence_level="P3",
    )

    facts = notice_facts(intent.bill_reference)

    answer = await door.post(NOTICES, weak, facts)

    assert (answer.status_code, answer.json()["status"]) == (200, "kept")
    assert (await world.get(intent.id)).status == "confirmed"
    async with world.uow() as uow:
        (waiting,) = await uow.notifications.claim_unchecked(now=world.clock.now(), limit=9)
        assert await uow.notifications.claim_unchecked(now=world.clock.now(), limit=9) == []
    assert (waiting.provider, waiting.raw) == ("sandbox", notice_bytes(facts))


async def test_an_unproved_notice_is_refused(door: Door) -> None:
    nobody = replace(BANK, evidence_level=None)

    answer = await door.post(NOTICES, nobody, notice_facts("LP0123456789"))

    assert (answer.status_code, answer.json()["code"]) == (403, "weak_evidence")


async def test_a_notice_in_a_query_is_heard_like_any_other(door: Door) -> None:
    unknown = await door.get("/v1/provider-notifications/acme?vnp_Amount=1", BANK)
    unread = await door.get(f"{NOTICES}?vnp_Amount=1", BANK)

    assert (unknown.status_code, unknown.json()["code"]) == (404, "provider_not_found")
    assert (unread.status_code, unread.json()["code"]) == (400, "unreadable_json")


async def test_without_a_token_nothing_is_answered(door: Door) -> None:
    answer = await door._http.get(INTENTS)

    assert answer.status_code == 401


async def test_two_hundred_equal_notices_get_two_hundred_equal_answers(
    postgresql: Database, keys_dir: Path
) -> None:
    world = SqlWorld(postgresql)
    intent = await world.confirmed()
    raw = notice_bytes(notice_facts(intent.bill_reference))

    async with OpenDoor(world, keys_dir) as door:
        answers = await asyncio.gather(*(door.post(NOTICES, BANK, raw) for _ in range(200)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert await world.counts() == (1, 0)
    assert (await said_types(postgresql)).count("payment.succeeded.v1") == 1
    assert world.clock.now() == NOON
