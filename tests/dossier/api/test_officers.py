"""Officers see the dossiers of their agencies and no other row, whatever they ask for."""

from dataclasses import replace
from uuid import UUID

import pytest

from chassis.auth import Caller
from tests.dossier.api.conftest import CITIZEN, OFFICER, Door
from tests.dossier.api.test_dossier_api import BODY, open_payment

ELSEWHERE = replace(OFFICER, subject="elsewhere", agencies=frozenset({"H01", "H19"}))
NOWHERE = replace(OFFICER, subject="nowhere", agencies=frozenset())
EVERYWHERE = replace(OFFICER, subject="auditor", agencies=frozenset({"*"}))


@pytest.mark.parametrize("officer", [OFFICER, EVERYWHERE], ids=lambda one: one.subject)
async def test_an_officer_sees_what_their_agency_received(door: Door, officer: Caller) -> None:
    created = (await door.submit(BODY)).json()
    await open_payment(door, created["payment_intent_id"])
    path = f"/v1/dossiers/{created['id']}"

    listed = await door.get("/v1/dossiers", caller=officer)

    assert [one["id"] for one in listed.json()["items"]] == [created["id"]]
    assert (await door.get(path, caller=officer)).json()["code"] == created["code"]
    assert (await door.get(f"{path}/slip.pdf", caller=officer)).content.startswith(b"%PDF")


@pytest.mark.parametrize("officer", [ELSEWHERE, NOWHERE], ids=lambda one: one.subject)
async def test_another_agencys_dossier_is_as_if_there_were_none(
    door: Door, officer: Caller
) -> None:
    created = (await door.submit(BODY)).json()
    await open_payment(door, created["payment_intent_id"])
    path = f"/v1/dossiers/{created['id']}"

    listed = await door.get("/v1/dossiers", caller=officer)
    named = await door.get("/v1/dossiers", caller=officer, code=created["code"])

    assert listed.json() == named.json() == {"items": [], "next_cursor": None}
    for one in (path, f"{path}/slip.pdf"):
        answer = await door.get(one, caller=officer)
        assert (answer.status_code, answer.json()["code"]) == (404, "dossier_not_found")


async def test_agencies_without_a_duty_open_nothing(door: Door) -> None:
    created = (await door.submit(BODY)).json()
    citizen = replace(CITIZEN, agencies=frozenset({"*"}))

    listed = await door.get("/v1/dossiers", caller=citizen)
    shown = await door.get(f"/v1/dossiers/{created['id']}", caller=citizen)

    assert (listed.status_code, shown.status_code) == (403, 403)


async def test_pages_of_an_agency_hold_all_of_it_once(door: Door) -> None:
    made = [(await door.submit(BODY)).json()["id"] for _ in range(5)]
    found: list[str] = []
    cursor: str | None = None

    for _page in range(3):
        more = {"cursor": cursor} if cursor else {}
        page = (await door.get("/v1/dossiers", caller=OFFICER, limit=2, **more)).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert found == sorted(made, reverse=True)
    assert len({UUID(one) for one in found}) == 5
