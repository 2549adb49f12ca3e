"""Refunds over HTTP, as the gateway calls: who may ask, decide and see."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.auth import Caller
from chassis.db import Database
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.refunds.world import (
    ACCOUNTANT,
    APPROVER,
    OTHER_ACCOUNTANT,
    REQUESTER,
    RefundWorld,
    officer,
)
from tests.payment.samples import notice_facts

PORTAL = Caller(
    subject="portal-demo",
    kind="client",
    client_id="portal-demo",
    scopes=frozenset({"payment.read", "payment.refund"}),
)
STRANGER = replace(PORTAL, subject="other", client_id="other")
REFUNDS = "/v1/refunds"
ACCOUNT = {"bank_bin": "970436", "account_number": "0123456789", "account_name": "TRAN THI LAN"}


@pytest.fixture
async def world(database: Database) -> RefundWorld:
    return RefundWorld(database)


@pytest.fixture
async def door(world: RefundWorld, keys_dir: Path) -> Any:
    async with OpenDoor(world, keys_dir) as door:
        yield door


def asked(amount: int, seen: int = 150_000, **more: Any) -> dict[str, Any]:
    return {
        "amount": {"amount": amount, "currency": "VND"},
        "amount_available": seen,
        "reason": "nộp hai lần",
        **more,
    }


def of(intent_id: UUID) -> str:
    return f"/v1/payment-intents/{intent_id}/refunds"


async def summary(door: Door, intent_id: UUID) -> tuple[str, int, int]:
    said = (await door.get(f"/v1/payment-intents/{intent_id}", PORTAL)).json()["refund_summary"]
    return said["status"], said["amount_available"]["amount"], said["amount_submitted"]["amount"]


async def test_a_portal_asks_a_person_agrees_and_the_money_goes_back(
    world: RefundWorld, door: Door
) -> None:
    intent = await world.paid()
    assert await summary(door, intent.id) == ("available", 150_000, 0)

    made = await door.post(of(intent.id), PORTAL, asked(150_000), key="refund-0001")
    refund = made.json()
    assert (made.status_code, refund["status"]) == (201, "requested")
    assert await summary(door, intent.id) == ("full", 0, 150_000)
    approved = await door.post(f"{REFUNDS}/{refund['id']}/approval", APPROVER, {})
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    await world.send()

    shown = (await door.get(f"{REFUNDS}/{refund['id']}", PORTAL)).json()
    assert (shown["status"], shown["decided_by"]) == ("succeeded", "lan")
    assert world.bank.booked == {refund["refund_reference"]: 150_000}
    repeated = await door.post(of(intent.id), PORTAL, asked(150_000), key="refund-0001")
    assert (repeated.status_code, repeated.json()) == (201, refund)


async def test_the_same_key_for_something_else_is_refused(world: RefundWorld, door: Door) -> None:
    intent, other = await world.paid(), await world.paid()
    await door.post(of(intent.id), PORTAL, asked(150_000), key="refund-0001")

    for path, body in ((of(intent.id), asked(150_000, reason="khác")), (of(other.id), asked(1))):
        refused = await door.post(path, PORTAL, body, key="refund-0001")
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")


async def test_an_old_sight_of_what_is_left_is_refused_with_the_present_one(
    world: RefundWorld, door: Door
) -> None:
    intent = await world.paid()
    lines = [{"line_code": "LLTP-01", "amount": 60_000}]
    await door.post(of(intent.id), PORTAL, asked(60_000, lines=lines), key="refund-0001")

    refused = await door.post(of(intent.id), PORTAL, asked(60_000, lines=lines), key="refund-0002")

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "refund_amount_available_differs")
    assert problem["amount_available"] == "90000"


async def test_nobody_asks_for_what_is_not_theirs(world: RefundWorld, door: Door) -> None:
    intent = await world.paid()
    there = officer("nam", "refund-requester", "H01")
    nobody = replace(PORTAL, scopes=frozenset({"payment.read"}))

    answers = [
        (await door.post(of(intent.id), caller, asked(1), key="refund-0001")).status_code
        for caller in (STRANGER, there, APPROVER, ACCOUNTANT, nobody)
    ]

    assert answers == [404, 404, 403, 403, 403]
    assert await summary(door, intent.id) == ("available", 150_000, 0)


async def test_nobody_decides_what_is_not_theirs_or_what_they_asked_for(
    world: RefundWorld, door: Door
) -> None:
    intent = await world.paid()
    refund = (await door.post(of(intent.id), REQUESTER, asked(150_000), key="refund-0001")).json()
    path = f"{REFUNDS}/{refund['id']}"
    themselves = officer(REQUESTER.subject, "refund-approver")
    there = officer("nam", "refund-approver", "H01")

    for decision in ("approval", "rejection"):
        answers = [
            (await door.post(f"{path}/{decision}", caller, {})).status_code
            for caller in (PORTAL, REQUESTER, themselves, there, ACCOUNTANT)
        ]
        assert answers == [403, 403, 403, 404, 403], decision
    same = await door.post(f"{path}/approval", themselves, {})
    assert same.json()["code"] == "same_person"


async def test_officers_list_the_refunds_of_their_agencies_as_pages_and_as_a_file(
    world: RefundWorld, door: Door
) -> None:
    refunds = [
        (await door.post(of((await world.paid()).id), PORTAL, asked(150_000), key=f"key-{n:05}"))
        for n in range(3)
    ]
    ids = [answer.json()["id"] for answer in refunds]
    there = officer("nam", "accountant", "H01")

    page = (await door.get(REFUNDS, ACCOUNTANT, limit=2)).json()
    rest = (await door.get(REFUNDS, ACCOUNTANT, limit=2, cursor=page["next_cursor"])).json()
    file = await door.get(REFUNDS, ACCOUNTANT, format="csv", status="requested")

    assert [one["id"] for one in [*page["items"], *rest["items"]]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert (await door.get(REFUNDS, there)).json()["items"] == []
    assert (await door.get(f"{REFUNDS}/{ids[0]}", there)).status_code == 404
    assert (await door.get(REFUNDS, STRANGER)).json()["items"] == []
    assert file.headers["content-type"].startswith("text/csv")
    assert len(file.text.splitlines()) == 4
    assert file.content.startswith(b"\xef\xbb\xbfid,")


async def test_the_account_of_a_payer_is_whole_for_the_accountant_who_pays_alone(
    world: RefundWorld, door: Door
) -> None:
    intent = await world.paid()
    body = asked(150_000, account=ACCOUNT)
    refund = (await door.post(of(intent.id), PORTAL, body, key="refund-0001")).json()
    path = f"{REFUNDS}/{refund['id']}"

    assert "account" not in refund
    assert (await door.get(path, ACCOUNTANT)).json()["account"] == ACCOUNT
    masked = {"bank_bin": "970436", "account_number": "…6789", "account_name": "T…"}
    for caller in (PORTAL, APPROVER, REQUESTER):
        assert (await door.get(path, caller)).json()["account"] == masked


async def test_a_refund_no_provider_carries_out_ends_by_an_accountants_word(
    world: RefundWorld, door: Door
) -> None:
    intent = await world.paid()
    world.providers = {}
    refund = (await door.post(of(intent.id), REQUESTER, asked(150_000), key="refund-0001")).json()
    path = f"{REFUNDS}/{refund['id']}"
    early = await door.post(f"{path}/outcome", ACCOUNTANT, {"succeeded": True, "reference": "FT1"})
    assert (early.status_code, early.json()["code"]) == (409, "refund_outcome_not_awaited")
    await door.post(f"{path}/approval", APPROVER, {})
    await world.send()
    assert (await door.get(path, PORTAL)).json()["by_hand"] is True

    nameless = await door.post(f"{path}/outcome", ACCOUNTANT, {"succeeded": True})
    paid = await door.post(f"{path}/outcome", ACCOUNTANT, {"succeeded": True, "reference": "FT1"})
    again = await door.post(
        f"{path}/outcome", OTHER_ACCOUNTANT, {"succeeded": True, "reference": "FT2"}
    )

    assert nameless.status_code == 422
    said = paid.json()
    assert (said["status"], said["provider_reference"], said["ended_by"]) == (
        "succeeded",
        "FT1",
        "binh",
    )
    assert again.status_code == 409


async def test_suspense_money_goes_back_by_officers_alone(world: RefundWorld, door: Door) -> None:
    intent = await world.confirmed()
    await world.notify(notice_facts(intent.bill_reference, amount=70_000))
    found = (await door.get("/v1/discrepancies", ACCOUNTANT)).json()["items"][0]
    path = f"/v1/discrepancies/{found['id']}/refunds"

    refused = await door.post(path, PORTAL, asked(70_000, 70_000), key="refund-0001")
    made = await door.post(path, REQUESTER, asked(70_000, 70_000), key="refund-0001")

    assert refused.status_code == 403
    assert (made.status_code, made.json()["of"]) == (201, "discrepancy")
    assert made.json()["lines"] == []


async def test_a_withdrawn_refund_can_be_asked_for_again(world: RefundWorld, door: Door) -> None:
    intent = await world.paid()
    refund = (await door.post(of(intent.id), PORTAL, asked(150_000), key="refund-0001")).json()

    strange = await door.post(f"{REFUNDS}/{refund['id']}/withdrawal", STRANGER, {})
    withdrawn = await door.post(f"{REFUNDS}/{refund['id']}/withdrawal", PORTAL, {})

    assert strange.status_code == 404
    assert withdrawn.json()["status"] == "withdrawn"
    assert await summary(door, intent.id) == ("available", 150_000, 0)
    again = await door.post(of(intent.id), PORTAL, asked(150_000), key="refund-0002")
    assert again.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        asked(0),
        asked(-1),
        asked(1) | {"reason": ""},
        asked(1) | {"amount": {"amount": 1.5}},
        asked(1, account=ACCOUNT | {"account_number": "12 34"}),
        asked(1, unknown=True),
        asked(10**15 + 1),
    ],
)
async def test_what_cannot_be_read_is_refused(
    world: RefundWorld, door: Door, body: dict[str, Any]
) -> None:
    intent = await world.paid()

    assert (await door.post(of(intent.id), PORTAL, body, key="refund-0001")).status_code == 422
