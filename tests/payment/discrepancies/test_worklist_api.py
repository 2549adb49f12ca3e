import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import Caller
from chassis.db import Database
from services.payment.use_cases.discrepancies import list_discrepancies
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.discrepancies.world import (
    ACCOUNTANT,
    AUDITOR,
    CASHIER,
    CITIZEN,
    OTHER_ACCOUNTANT,
    THERE,
    CaseWorld,
)
from tests.payment.samples import notice_facts

CASES = "/v1/discrepancies"
PORTAL = Caller(
    subject="portal-demo",
    kind="client",
    client_id="portal-demo",
    scopes=frozenset({"payment.read"}),
)


@pytest.fixture
async def world(database: Database) -> CaseWorld:
    return CaseWorld(database)


@pytest.fixture
async def door(world: CaseWorld, keys_dir: Path) -> AsyncIterator[Door]:
    async with OpenDoor(world, keys_dir) as door:
        yield door


async def ids(door: Door, caller: Caller, **query: Any) -> list[str]:
    answer = await door.get(CASES, caller, **query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_the_list_is_narrowed_by_each_of_its_filters(world: CaseWorld, door: Door) -> None:
    _, late = await world.late()
    under = await world.case(notice_facts((await world.confirmed()).bill_reference, amount=1))
    await door.post(f"{CASES}/{late.id}/assignment", CASHIER, {"assignee": "hoa"}, key="key-0001")

    for query, expected in (
        ({"reason": "underpaid"}, under),
        ({"status": "open"}, under),
        ({"status": "assigned"}, late),
        ({"owner_role": "cashier"}, late),
        ({"assignee": "hoa"}, late),
    ):
        assert await ids(door, ACCOUNTANT, **query) == [str(expected.id)], query
    assert len(await ids(door, ACCOUNTANT, provider="sandbox", agency_code="H19.25")) == 2
    assert await ids(door, ACCOUNTANT, provider="vnpay") == []
    assert await ids(door, ACCOUNTANT, overdue="true") == []
    world.clock.advance(late.due_at - world.clock.now() + (late.due_at - late.found_at))
    assert len(await ids(door, ACCOUNTANT, overdue="true")) == 2


async def test_the_list_as_csv_is_the_same_cases(
    world: CaseWorld, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await world.late()
    monkeypatch.setattr(list_discrepancies, "STREAMED_AT_ONCE", 2)

    answer = await door.get(CASES, ACCOUNTANT, format="csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == await ids(door, ACCOUNTANT)
    assert {row["held_minor_units"] for row in rows} == {"150000"}


async def test_money_of_no_fee_is_for_those_whose_account_it_came_to(
    world: CaseWorld, door: Door
) -> None:
    await world.opened()
    stray = await world.case(notice_facts("LP0000000000"))
    nowhere = await world.case(notice_facts("LP0000000000", account_number="9990001"))

    assert await ids(door, ACCOUNTANT) == [str(stray.id)]
    for caller in (CASHIER, THERE, PORTAL):
        assert await ids(door, caller) == []
    assert await ids(door, AUDITOR) == [str(nowhere.id), str(stray.id)]
    assert (await door.get(f"{CASES}/{stray.id}", THERE)).status_code == 404
    assert (await door.get(f"{CASES}/{nowhere.id}", ACCOUNTANT)).status_code == 404
    assert (await door.get(f"{CASES}/{stray.id}", ACCOUNTANT)).status_code == 200


async def test_a_case_shows_its_evidence_and_all_that_was_done(
    world: CaseWorld, door: Door
) -> None:
    intent, case = await world.late()
    path = f"{CASES}/{case.id}"
    for deed, body in (
        ("assignment", {"assignee": "binh", "note": "giao kế toán"}),
        ("notes", {"note": "đã gọi ngân hàng"}),
    ):
        answer = await door.post(f"{path}/{deed}", ACCOUNTANT, body, key=f"key-{deed}")
        assert answer.status_code in (200, 201), answer.text
    first = {"resolution": "no_fault", "reason": "ngân hàng rút lại"}
    answer = await door.post(f"{path}/resolution", ACCOUNTANT, first, key="key-first")
    assert answer.status_code == 202
    assert answer.json()["awaiting"]["by"] == "binh"
    body = {"resolution": "no_fault", "reason": "đồng ý"}
    done = await door.post(f"{path}/resolution", OTHER_ACCOUNTANT, body, key="key-second")
    assert (done.status_code, done.json()["status"]) == (200, "resolved")

    shown = (await door.get(path, ACCOUNTANT)).json()

    assert [(one["kind"], one["by"]) for one in shown["history"]][::-1] == [
        ("found", "system"),
        ("assigned", "binh"),
        ("noted", "binh"),
        ("asked", "binh"),
        ("resolved", "dung"),
    ]
    assert shown["history"][0]["note"] == "đồng ý"
    assert shown["evidence"]["bundle"] == f"/v1/payment-intents/{intent.id}/evidence"
    assert shown["evidence"]["evidence_id"] is not None
    assert shown["proposed_action"] == "apply_to_intent"


async def test_a_deed_is_done_once_for_its_key(world: CaseWorld, door: Door) -> None:
    _, case = await world.late()
    path = f"{CASES}/{case.id}/notes"

    answers = [await door.post(path, CASHIER, {"note": "một"}, key="key-0001") for _ in range(3)]
    other = await door.post(path, CASHIER, {"note": "hai"}, key="key-0001")
    theirs = await door.post(path, ACCOUNTANT, {"note": "hai"}, key="key-0001")

    assert [one.status_code for one in answers] == [201] * 3
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert theirs.status_code == 201
    history = (await door.get(f"{CASES}/{case.id}", CASHIER)).json()["history"]
    assert [one["note"] for one in history] == ["hai", "một", None]
    assert (await door.post(path, CASHIER, {"note": "ba"})).status_code in (400, 422)


async def test_only_people_on_duty_there_work_on_a_case(world: CaseWorld, door: Door) -> None:
    _, case = await world.late()
    bare = replace(ACCOUNTANT, scopes=frozenset({"payment.read"}))
    for deed, body in (
        ("assignment", {"assignee": "x"}),
        ("notes", {"note": "x"}),
        ("resolution", {"resolution": "no_fault", "reason": "x"}),
    ):
        path = f"{CASES}/{case.id}/{deed}"
        statuses = [
            (await door.post(path, caller, body, key="key-0001")).status_code
            for caller in (CITIZEN, PORTAL, bare, THERE)
        ]
        assert statuses == [403, 403, 403, 404], deed
    refunded = {"resolution": "refunded", "reason": "x"}
    path = f"{CASES}/{case.id}/resolution"
    assert (await door.post(path, ACCOUNTANT, refunded, key="key-0002")).status_code == 422
    no_reason = {"resolution": "no_fault", "reason": ""}
    assert (await door.post(path, ACCOUNTANT, no_reason, key="key-0003")).status_code == 422
