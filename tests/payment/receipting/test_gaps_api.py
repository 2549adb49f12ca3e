from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.db import Database
from tests.payment.api.conftest import Door, OpenDoor
from tests.payment.api.test_payment_api import AUDITOR, PORTAL
from tests.payment.receipting.test_watch_receipts import LATE, Watchtower

GAPS = "/v1/receipt-gaps"
ACCOUNTANT = replace(
    AUDITOR, subject="ke-toan", roles=frozenset({"accountant"}), agencies=frozenset({"H19.25"})
)
ELSEWHERE = replace(ACCOUNTANT, agencies=frozenset({"H19.31"}))


@pytest.fixture
async def tower(database: Database) -> Watchtower:
    return Watchtower(database)


@pytest.fixture
async def door(tower: Watchtower, keys_dir: Path) -> AsyncIterator[Door]:
    async with OpenDoor(tower, keys_dir) as door:
        yield door


async def test_officers_see_the_gaps_of_their_agencies_page_by_page(
    tower: Watchtower, door: Door
) -> None:
    missed = [(await tower.paid()).id for _ in range(3)]
    tower.clock.advance(LATE)
    await tower.look()

    first = (await door.get(GAPS, ACCOUNTANT, limit=2)).json()
    rest = (await door.get(GAPS, ACCOUNTANT, limit=2, cursor=first["next_cursor"])).json()

    assert {one["payment_intent_id"] for one in first["items"] + rest["items"]} == set(
        map(str, missed)
    )
    assert rest["next_cursor"] is None
    assert {one["reason"] for one in first["items"]} == {"no_receipt"}
    assert (await door.get(GAPS, ELSEWHERE)).json()["items"] == []
    assert (await door.get(GAPS, PORTAL)).status_code == 403


async def test_a_closed_gap_is_shown_to_those_who_ask_for_it(tower: Watchtower, door: Door) -> None:
    intent = await tower.paid()
    tower.clock.advance(LATE)
    await tower.look()
    for _ in range(2):
        await tower.hear(intent.id)
    await tower.look()

    assert (await door.get(GAPS, AUDITOR)).json()["items"] == []
    (closed,) = (await door.get(GAPS, AUDITOR, closed=True)).json()["items"]
    assert closed["closed_at"] is not None
    assert (await door.get(GAPS, AUDITOR, closed=True, reason="no_settled_fee")).json()[
        "items"
    ] == []
