"""Keeping through the door: each sees their own agencies', and doing needs the duty."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chassis.auth import TokenMinter
from chassis.ids import SystemIds
from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason
from services.receipt.main import create_app
from services.receipt.settings import ReceiptSettings
from tests.receipt.api.conftest import CITIZEN, ELSEWHERE, OFFICER, PORTAL, PUBLIC, Door
from tests.receipt.keeping.house import House
from tests.receipt.keeping.test_retention import Desk

ACCOUNTANT = replace(OFFICER, scopes=frozenset({"receipt.read", "receipt.keep"}))
COLLEAGUE = replace(ACCOUNTANT, subject="colleague")
AUDITOR = replace(OFFICER, subject="auditor", roles=frozenset({"auditor"}))
STRANGER = replace(ELSEWHERE, scopes=ACCOUNTANT.scopes)
LISTS = ("/v1/keeping-findings", "/v1/legal-holds", "/v1/expired-receipts")
NOTE = {"note": "đã đối chiếu với bản giấy"}


@pytest.fixture
async def door(house: House, settings: ReceiptSettings) -> AsyncIterator[Door]:
    minter = TokenMinter.from_directory(
        "gateway", settings.keys_dir / "internal", clock=house.clock, ids=SystemIds()
    )
    app = create_app(settings, database=house.database, clock=house.clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://receipt") as client:
        yield Door(client, minter)


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_findings_are_listed_by_state_and_kept_apart(door: Door, house: House) -> None:
    mended, broken = await house.issue(2)
    await house.keep()
    house.spoil_file(mended.xml_sha256 or "")
    house.spoil_file(broken.xml_sha256 or "")
    await house.spoil_row(broken.id, b"<Other/>")
    await house.sweep()

    everything = items(await door.get(LISTS[0], OFFICER))
    assert len(everything) == 3
    opened = items(await door.get(LISTS[0], AUDITOR, state="open"))
    assert {one["receipt_id"] for one in opened} == {str(broken.id)}
    (repaired,) = items(await door.get(LISTS[0], OFFICER, state="repaired"))
    assert (repaired["receipt_id"], repaired["reason"]) == (str(mended.id), "changed_in_vault")
    assert items(await door.get(LISTS[0], ELSEWHERE)) == []
    first = (await door.get(LISTS[0], OFFICER, limit=2)).json()
    rest = (await door.get(LISTS[0], OFFICER, limit=2, cursor=first["next_cursor"])).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [
        one["id"] for one in everything
    ]
    assert rest["next_cursor"] is None


async def test_a_finding_of_no_agency_is_for_whoever_has_a_duty(door: Door, house: House) -> None:
    async with house.open_keeping() as keeping:
        await keeping.findings.add_once(
            KeepingFinding(
                id=SystemIds().new(),
                reason=KeepingReason.UNKNOWN_IN_VAULT,
                sha256="0" * 64,
                detail="no document of ours has these bytes",
                found_at=house.clock.now(),
            )
        )
    (mine,) = items(await door.get(LISTS[0], OFFICER))
    (theirs,) = items(await door.get(LISTS[0], ELSEWHERE))
    assert mine == theirs


async def test_a_finding_is_closed_once_and_by_its_own_agency(door: Door, house: House) -> None:
    (receipt,) = await house.issue()
    await house.keep()
    house.spoil_file(receipt.xml_sha256 or "")
    await house.sweep()
    (finding,) = items(await door.get(LISTS[0], OFFICER))
    closing = f"/v1/keeping-findings/{finding['id']}/closing"

    assert (await door.post(closing, STRANGER, json=NOTE)).status_code == 404
    assert (await door.post(closing, OFFICER, json=NOTE)).status_code == 403
    assert (await door.post(closing, ACCOUNTANT, json={"note": ""})).status_code == 422
    closed = (await door.post(closing, ACCOUNTANT, json=NOTE)).json()
    assert (closed["state"], closed["closed_by"], closed["note"]) == (
        "closed",
        "officer",
        NOTE["note"],
    )
    again = await door.post(closing, COLLEAGUE, json={"note": "khác"})
    assert again.json() == closed
    missing = f"/v1/keeping-findings/{SystemIds().new()}/closing"
    assert (await door.post(missing, ACCOUNTANT, json=NOTE)).json()["code"] == (
        "keeping_finding_not_found"
    )


async def test_a_hold_is_placed_by_one_person_and_released_by_another(
    door: Door, house: House
) -> None:
    (receipt,) = await house.issue()
    await house.keep()
    wanted = {"receipt_id": str(receipt.id), "reason": "đang tranh chấp"}

    assert (await door.post(LISTS[1], OFFICER, json=wanted)).status_code == 403
    assert (await door.post(LISTS[1], STRANGER, json=wanted)).status_code == 404
    assert (await door.post(LISTS[1], ACCOUNTANT, json={"reason": "x"})).status_code == 422
    placed = await door.post(LISTS[1], ACCOUNTANT, json=wanted)
    assert placed.status_code == 201, placed.text
    (hold,) = items(await door.get(LISTS[1], AUDITOR))
    assert hold == placed.json()
    assert items(await door.get(LISTS[1], ELSEWHERE)) == []
    release = f"/v1/legal-holds/{hold['id']}/release"
    assert (await door.post(release, STRANGER, json=NOTE)).status_code == 404
    assert (await door.post(release, ACCOUNTANT, json=NOTE)).json()["code"] == "same_person"
    released = await door.post(release, COLLEAGUE, json=NOTE)
    assert released.json()["released_by"] == "colleague"
    assert items(await door.get(LISTS[1], OFFICER)) == []
    (kept,) = items(await door.get(LISTS[1], OFFICER, released="true"))
    assert kept == released.json()


async def test_what_is_past_its_time_is_listed_for_its_own_agency(door: Door, house: House) -> None:
    receipts = await house.issue(3)
    await house.keep()
    assert items(await door.get(LISTS[2], OFFICER)) == []
    desk = Desk(house)
    await desk.place(receipt_id=receipts[1].id)
    desk.after_its_time()

    first = (await door.get(LISTS[2], OFFICER, limit=2)).json()
    rest = (await door.get(LISTS[2], OFFICER, limit=2, cursor=first["next_cursor"])).json()
    shown = first["items"] + rest["items"]
    assert [(one["receipt_id"], one["on_hold"]) for one in shown] == [
        (str(one.id), one is receipts[1]) for one in receipts
    ]
    assert {one["keep_until"] for one in shown} == {"2036-12-31"}
    assert items(await door.get(LISTS[2], ELSEWHERE)) == []


@pytest.mark.parametrize("path", LISTS)
async def test_nobody_without_a_duty_sees_any_of_it(door: Door, path: str) -> None:
    for caller in (PORTAL, CITIZEN, PUBLIC):
        assert (await door.get(path, caller)).status_code == 403
