"""The accountant's desk over HTTP: who may sit at it, and a day from the file to the Treasury."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import Caller
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.settlements.desk import Desk, csv_of, row_of

FILES, DIFFERENCES = "/v1/settlement-files", "/v1/settlement-differences"
DAY = {"provider": "sandbox", "on": "2026-11-23"}
TREASURER = Caller(
    subject="treasurer",
    kind="user",
    scopes=frozenset({"payment.settle"}),
    roles=frozenset({"accountant"}),
    agencies=frozenset({"*"}),
)
HERE = replace(TREASURER, subject="here", agencies=frozenset({"H19.25"}))
SECOND = replace(HERE, subject="second")
THERE = replace(TREASURER, subject="there", agencies=frozenset({"H01"}))
AUDITOR = replace(TREASURER, subject="auditor", roles=frozenset({"auditor"}))
PORTAL = Caller(subject="portal", kind="client", client_id="portal", scopes=TREASURER.scopes)
NO_SCOPE = replace(TREASURER, subject="none", scopes=frozenset())


@pytest.fixture
async def door(desk: Desk, keys_dir: Path) -> AsyncIterator[Door]:
    async with OpenDoor(desk.world, keys_dir) as door:
        yield door


async def upload(door: Door, raw: bytes, caller: Caller = TREASURER) -> Any:
    target = f"{FILES}?provider=sandbox&name=day.csv&format=csv"
    return await door.post(target, caller, raw)


async def settled_day(desk: Desk, door: Door) -> str:
    """One payment that agrees and one row that nobody knows; the case's id."""
    desk.back_to_noon()
    reference = await desk.paid_and_booked()
    desk.later()
    raw = csv_of([row_of(reference), row_of("EXTRA", amount="70000")]) + b"nonsense\n"
    assert (await upload(door, raw)).status_code == 201
    run = await door.post("/v1/settlement-runs", TREASURER, DAY)
    assert (run.status_code, run.json()["opened"]) == (200, 1), run.text
    listed = await door.get(DIFFERENCES, TREASURER, state="open", kind="missing_here")
    (case,) = listed.json()["items"]
    return str(case["id"])


async def test_a_day_goes_from_the_file_to_the_treasury(desk: Desk, door: Door) -> None:
    case = await settled_day(desk, door)
    refused = await door.post("/v1/settlement-days", TREASURER, DAY)
    assert (refused.status_code, refused.json()["code"]) == (409, "settlement_day_not_closable")
    signed = await door.post(f"{DIFFERENCES}/{case}/sign-off", TREASURER, {"reason": "đã hỏi"})
    assert signed.json()["state"] == "signed_off"

    closed = await door.post("/v1/settlement-days", TREASURER, DAY)
    assert (closed.status_code, closed.json()["payments"]) == (201, 2), closed.text
    drafted = await door.post("/v1/remittances", HERE, {})
    assert [one["amount"] for one in drafted.json()["items"]] == [50_000, 100_000]
    order = f"/v1/remittances/{drafted.json()['items'][0]['id']}"
    own = await door.post(f"{order}/approve", HERE, {})
    assert (own.status_code, own.json()["code"]) == (403, "same_person")
    elsewhere = await door.post(f"{order}/approve", THERE, {})
    assert elsewhere.status_code == 404
    assert (await door.post(f"{order}/approve", SECOND, {})).json()["status"] == "approved"
    account = {"bank_bin": "970436", "account_number": "0011004000111"}
    assert (await door.post(f"{order}/send", HERE, account)).json()["status"] == "sent"
    confirmed = await door.post(f"{order}/confirm", HERE, {"treasury_reference": "KB-1"})
    assert confirmed.json()["status"] == "confirmed"
    assert [one["step"] for one in confirmed.json()["done"]] == [
        "drafted",
        "approved",
        "sent",
        "confirmed",
    ]
    history = (await door.get(f"{DIFFERENCES}/{case}", TREASURER)).json()["history"]
    assert [(one["step"], one["by"]) for one in history] == [
        ("opened", None),
        ("signed_off", "treasurer"),
    ]


async def test_the_same_file_again_is_answered_again_and_its_bad_lines_are_listed(
    desk: Desk, door: Door
) -> None:
    raw = csv_of([row_of("FT1"), row_of("FT2", amount="x"), row_of("FT3", amount="y")])
    first, second = await upload(door, raw), await upload(door, raw)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["rows"], first.json()["bad_lines"]) == (1, 2)
    path = f"{FILES}/{first.json()['id']}/bad-lines"
    page = (await door.get(path, TREASURER, limit=1)).json()
    rest = (await door.get(path, TREASURER, cursor=page["next_cursor"])).json()
    assert [one["line"] for one in (*page["items"], *rest["items"])] == [3, 4]
    assert page["items"][0]["reason"] == "bad_amount"
    assert rest["next_cursor"] is None
    listed = (await door.get(FILES, AUDITOR)).json()["items"]
    assert [one["id"] for one in listed] == [first.json()["id"]]


async def test_only_those_who_answer_for_every_agency_see_a_providers_day(
    desk: Desk, door: Door
) -> None:
    await settled_day(desk, door)
    raw = csv_of([row_of("FT9")])
    for caller in (HERE, PORTAL, NO_SCOPE):
        for path in (FILES, "/v1/settlement-days"):
            assert (await door.get(path, caller)).status_code == 403, (caller.subject, path)
        assert (await upload(door, raw, caller)).status_code == 403
        for path in ("/v1/settlement-runs", "/v1/settlement-days"):
            assert (await door.post(path, caller, DAY)).status_code == 403
        for name in ("rows.csv", "days.xlsx"):
            answer = await door.get(f"/v1/settlement-exports/{name}", caller, **DAY)
            assert answer.status_code == 403
    for path, body in (("/v1/settlement-days", DAY), ("/v1/remittances", {})):
        # An auditor looks, and acts on nothing.
        assert (await door.post(path, AUDITOR, body)).status_code == 403


async def test_an_agency_sees_the_differences_and_remittances_of_its_own_fees(
    desk: Desk, door: Door
) -> None:
    case = await settled_day(desk, door)
    desk.back_to_noon()
    await desk.paid_and_booked()
    desk.later()
    await door.post("/v1/settlement-runs", TREASURER, DAY)

    async def kinds(caller: Caller) -> set[str]:
        answer = await door.get(DIFFERENCES, caller)
        return {one["kind"] for one in answer.json()["items"]}

    assert await kinds(TREASURER) == await kinds(AUDITOR) == {"missing_here", "missing_at_provider"}
    assert await kinds(HERE) == {"missing_at_provider"}
    assert await kinds(THERE) == set()
    for caller in (HERE, THERE):
        assert (await door.get(f"{DIFFERENCES}/{case}", caller)).status_code == 404
        path = f"{DIFFERENCES}/{case}/sign-off"
        assert (await door.post(path, caller, {"reason": "không rõ"})).status_code == 404


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["rows", "differences", "days", "remittances"])
async def test_tables_are_handed_out_in_both_forms(
    desk: Desk, door: Door, what: str, ending: str
) -> None:
    await settled_day(desk, door)

    answer = await door.get(f"/v1/settlement-exports/{what}.{ending}", TREASURER, **DAY)

    assert answer.status_code == 200
    begin = b"\xef\xbb\xbf" if ending == "csv" else b"PK"
    assert answer.content.startswith(begin)
    assert f'filename="{what}.{ending}"' in answer.headers["content-disposition"]
    if ending == "csv" and what == "rows":
        assert len(answer.text.splitlines()) == 3


async def test_two_who_draw_up_remittances_at_once_draw_up_each_fee_once(
    desk: Desk, door: Door
) -> None:
    case = await settled_day(desk, door)
    await door.post(f"{DIFFERENCES}/{case}/sign-off", TREASURER, {"reason": "đã hỏi"})
    await door.post("/v1/settlement-days", TREASURER, DAY)

    answers = await asyncio.gather(
        *(door.post("/v1/remittances", who, {}) for who in (HERE, SECOND, HERE, SECOND))
    )

    drafted = [one for each in answers for one in each.json().get("items", [])]
    assert sorted(one["amount"] for one in drafted) == [50_000, 100_000]
    assert {each.status_code for each in answers} <= {201, 409}
    assert sum((await desk.balances()).values()) == 0
