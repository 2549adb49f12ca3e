import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import Caller
from chassis.db import Database
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.use_cases.ledger import get_statement
from services.payment.use_cases.ledger.close_ledger_days import close_ledger_days
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.samples import LINES, notice_facts
from tests.payment.world import SqlWorld

ACCOUNTANT = Caller(
    subject="accountant",
    kind="user",
    scopes=frozenset({"payment.ledger"}),
    roles=frozenset({"accountant"}),
    agencies=frozenset({"H19.25"}),
)
AUDITOR = replace(
    ACCOUNTANT, subject="auditor", roles=frozenset({"auditor"}), agencies=frozenset({"*"})
)
CITIZEN = replace(ACCOUNTANT, roles=frozenset(), agencies=frozenset())
TRIAL, STATEMENT, ENTRIES = (
    "/v1/ledger/trial-balance",
    "/v1/ledger/statements",
    "/v1/ledger/entries",
)


@pytest.fixture
async def world(database: Database) -> SqlWorld:
    return SqlWorld(database)


@pytest.fixture
async def door(world: SqlWorld, keys_dir: Path) -> AsyncIterator[Door]:
    async with OpenDoor(world, keys_dir) as door:
        yield door


async def two_days_of_money(world: SqlWorld) -> None:
    """A fee of two agencies and a stray sum on the 23rd, which is closed; a fee on the 24th."""
    lines = (LINES[0], replace(LINES[1], agency_code="H01", agency_name="Công an"))
    split = await world.confirmed(lines=lines)
    await world.notify(notice_facts(split.bill_reference))
    await world.notify(notice_facts("LP0000000000", amount=7))
    world.clock.advance(timedelta(days=1))
    await close_ledger_days(uow=world.uow(), clock=world.clock)
    other = await world.confirmed(expires_at=world.clock.now() + timedelta(hours=1))
    await world.notify(notice_facts(other.bill_reference))


async def shown(door: Door, path: str, caller: Caller, **query: Any) -> Any:
    answer = await door.get(path, caller, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_trial_balance_is_zero_and_shows_each_account_over_a_period(
    world: SqlWorld, door: Door
) -> None:
    await two_days_of_money(world)

    whole = await shown(door, TRIAL, AUDITOR, as_of="2026-11-24", since="2026-11-24")

    assert whole["is_whole"]
    (total,) = whole["totals"]
    assert total == {
        "currency": "VND",
        "opening_minor_units": 0,
        "debits_minor_units": 150_000,
        "credits_minor_units": 150_000,
        "closing_minor_units": 0,
        "is_balanced": True,
    }
    by_account = {one["account"]: one for one in whole["items"]}
    assert [
        by_account["provider:sandbox:clearing"][f"{part}_minor_units"]
        for part in ("opening", "debits", "credits", "closing")
    ] == [150_007, 150_000, 0, 300_007]
    assert by_account["suspense:discrepancy"]["closing_minor_units"] == -7
    assert by_account["agency:H19.25:phi"]["kind"] == "income"
    before = await shown(door, TRIAL, AUDITOR, as_of="2026-11-23")
    assert before["totals"][0]["debits_minor_units"] == 150_007


async def test_an_accountant_sees_the_accounts_of_their_agencies_and_that_it_is_not_the_whole(
    world: SqlWorld, door: Door
) -> None:
    await two_days_of_money(world)

    mine = await shown(door, TRIAL, ACCOUNTANT)

    assert not mine["is_whole"]
    assert {one["account"] for one in mine["items"]} == {
        f"agency:H19.25:{kind}" for kind in FeeKind if kind in ("phi", "le_phi")
    }


async def test_a_statement_is_the_entries_page_by_page_and_adds_up_to_its_balances(
    world: SqlWorld, door: Door
) -> None:
    await two_days_of_money(world)
    entries: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await shown(door, f"{STATEMENT}/H19.25", ACCOUNTANT, limit=1, **cursor)
        entries += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert [(one["account"], one["amount_minor_units"]) for one in entries] == [
        ("agency:H19.25:phi", 100_000),
        ("agency:H19.25:le_phi", 50_000),
        ("agency:H19.25:phi", 100_000),
    ]
    for line in page["accounts"]:
        own = [one for one in entries if one["account"] == line["account"]]
        moved = sum(
            one["amount_minor_units"] * (1 if one["direction"] == "debit" else -1) for one in own
        )
        assert line["closing_minor_units"] - line["opening_minor_units"] == moved
    assert {one["cause_kind"] for one in entries} == {"payment_intent"}
    assert all(one["payment_intent_id"] for one in entries)


async def test_a_statement_as_csv_is_the_same_entries_however_many_parts_it_is_read_in(
    world: SqlWorld, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_days_of_money(world)
    page = await shown(door, f"{STATEMENT}/H19.25", ACCOUNTANT)
    monkeypatch.setattr(get_statement, "STREAMED_AT_ONCE", 2)

    answer = await door.get(f"{STATEMENT}/H19.25/csv", ACCOUNTANT)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["transaction_id"], row["line"], row["amount_minor_units"]) for row in rows] == [
        (one["transaction_id"], str(one["line"]), str(one["amount_minor_units"]))
        for one in page["items"]
    ]
    assert len(rows) == 3


async def test_an_account_shows_its_entries_to_whom_it_belongs(world: SqlWorld, door: Door) -> None:
    await two_days_of_money(world)

    one = await shown(door, ENTRIES, ACCOUNTANT, account="agency:H19.25:phi")
    all_of = await shown(door, ENTRIES, AUDITOR, account="suspense:discrepancy")

    assert [entry["account"] for entry in one["items"]] == ["agency:H19.25:phi"] * 2
    (stray,) = all_of["items"]
    assert stray["discrepancy_id"] is not None
    for account in ("agency:H01:le_phi", "suspense:discrepancy"):
        assert (await door.get(ENTRIES, ACCOUNTANT, account=account)).status_code == 404
    assert (await door.get(ENTRIES, AUDITOR, account="account:1")).status_code == 422


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (f"{STATEMENT}/H01", {}, 404),
        (f"{STATEMENT}/H01/csv", {}, 404),
        (f"{STATEMENT}/H19.25", {"cursor": "x"}, 422),
        (f"{STATEMENT}/H19.25", {"since": "2026-11-24", "until": "2026-11-23"}, 422),
        (TRIAL, {"since": "2020-01-01"}, 422),
        (f"{STATEMENT}/H19.25", {"limit": 101}, 422),
    ],
)
async def test_what_is_not_yours_or_cannot_be_read_is_refused(
    door: Door, path: str, query: dict[str, Any], status: int
) -> None:
    assert (await door.get(path, ACCOUNTANT, **query)).status_code == status


async def test_the_books_are_for_people_on_duty(door: Door) -> None:
    for path in (TRIAL, f"{STATEMENT}/H19.25", f"{STATEMENT}/H19.25/csv", ENTRIES):
        query = {"account": "agency:H19.25:phi"} if path == ENTRIES else {}
        assert (await door.get(path, CITIZEN, **query)).status_code == 403
        bare = replace(ACCOUNTANT, scopes=frozenset({"payment.read"}))
        assert (await door.get(path, bare, **query)).status_code == 403
