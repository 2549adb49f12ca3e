"""Duties are given by another person, end at once, and are written down, on both databases."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from chassis.ids import SystemIds
from gateway.domain.people.duties import GRANTS_MAX
from gateway.domain.people.errors import ConflictingDuties
from gateway.domain.people.roles import Grant, Role, RoleGrant
from gateway.storage.audit.tables import AUDIT_PENDING
from gateway.use_cases.people.grant_role import NewGrant, grant_role
from gateway.use_cases.people.granter import Granter
from tests.gateway.payer import Payer
from tests.gateway.registrars import Officer, make_officer
from tests.gateway.world import World

GRANTS = "/v1/grants"
SOME_ID = "0199a000-0000-7000-8000-000000000009"


async def person(world: World, username: str = "tran.thi.lan") -> Payer:
    made = Payer(world, username)
    await made.open_account()
    assert (await made.sign_in()).status_code == 201
    return made


async def give(
    granter: Payer, to: Payer, role: Role = Role.ACCOUNTANT, agency: str = "H19"
) -> httpx.Response:
    return await granter.post(GRANTS, {"user_id": to.id, "role": role, "agency": agency})


async def get(who: Payer, target: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {who.token}"}
    return await who.world.http.get(target, headers=headers)


async def take_back(who: Payer, grant_id: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {who.token}"}
    return await who.world.http.delete(f"{GRANTS}/{grant_id}", headers=headers)


async def audited(world: World) -> list[dict[str, Any]]:
    async with world.database.read() as connection:
        rows = await connection.scalars(select(AUDIT_PENDING.c.record).order_by(AUDIT_PENDING.c.id))
        records = [json.loads(row) for row in rows]
    return [one for one in records if one["action"].startswith("role.")]


async def test_a_duty_opens_a_door_at_the_next_request_and_shuts_it_at_once_when_withdrawn(
    world: World,
) -> None:
    granter, lan = await make_officer(world, "granter", Role.GRANTER), await person(world)
    before = await get(lan, "/v1/discrepancies")

    made = await give(granter, lan)
    during = await get(lan, "/v1/discrepancies")
    taken = await take_back(granter, made.json()["id"])
    after = await get(lan, "/v1/discrepancies")

    assert (made.status_code, taken.status_code) == (201, 204)
    assert (before.status_code, during.status_code, after.status_code) == (403, 200, 403)
    assert after.json()["code"] == "role_needed"
    assert (await take_back(granter, made.json()["id"])).status_code == 404


async def test_giving_and_taking_is_written_down_once_each(world: World) -> None:
    granter, lan = await make_officer(world, "granter", Role.GRANTER), await person(world)
    made = (await give(granter, lan)).json()
    await give(granter, lan)
    await take_back(granter, made["id"])
    await take_back(granter, made["id"])

    told = [(one["action"], one["actor"], one["subject"]) for one in await audited(world)]
    actor, subject = f"user:{granter.id}", f"grant:{made['id']}"

    assert told == [("role.granted", actor, subject), ("role.withdrawn", actor, subject)]
    details = (await audited(world))[0]["details"]
    assert details == {"user": lan.id, "role": "accountant", "agency": "H19"}


async def test_what_may_not_be_given_is_refused_with_its_reason(world: World) -> None:
    granter, lan = await make_officer(world, "granter", Role.GRANTER), await person(world)
    assert (await give(granter, lan, Role.REFUND_REQUESTER)).status_code == 201

    refusals = {
        "same_person": await give(granter, granter),
        "already_granted": await give(granter, lan, Role.REFUND_REQUESTER),
        "conflicting_duties": await give(granter, lan, Role.REFUND_APPROVER),
        "not_for_every_agency": await give(granter, lan, Role.COUNTER_OFFICER, "*"),
        "account_not_found": await granter.post(
            GRANTS, {"username": "nobody.here", "role": "accountant", "agency": "H19"}
        ),
    }

    assert {name: answer.json()["code"] for name, answer in refusals.items()} == {
        name: name for name in refusals
    }
    assert (await give(granter, lan, Role.REFUND_APPROVER, "H01")).status_code == 201
    for wrong in ({"role": "accountant", "agency": "H19"}, {"user_id": lan.id, "role": "king"}):
        assert (await granter.post(GRANTS, wrong)).status_code == 422


async def test_a_granter_of_one_agency_gives_takes_and_sees_there_alone(world: World) -> None:
    everywhere = await make_officer(world, "granter", Role.GRANTER)
    here = await make_officer(world, "granter.h19", Role.GRANTER, agency="H19")
    lan = await person(world)
    other = (await give(everywhere, lan, Role.ACCOUNTANT, "H01")).json()["id"]

    inside = await give(here, lan, Role.COUNTER_OFFICER, "H19")
    outside = [await give(here, lan, Role.COUNTER_OFFICER, where) for where in ("H01", "H19.25")]
    above = await give(here, lan, Role.GRANTER, "*")
    taken = await take_back(here, other)
    seen = (await get(here, f"{GRANTS}?user_id={lan.id}")).json()["items"]
    asked = (await get(here, f"{GRANTS}?agency=H01")).json()["items"]

    assert inside.status_code == 201
    assert [one.json()["code"] for one in (*outside, above)] == ["outside_agency"] * 3
    assert (taken.status_code, taken.json()["code"]) == (404, "grant_not_found")
    assert [one["id"] for one in seen] == [inside.json()["id"]]
    assert asked == []


@pytest.mark.parametrize("role", [None, *(one for one in Role if one is not Role.GRANTER)])
async def test_nobody_but_a_granter_gives_or_takes(quick_world: World, role: Role | None) -> None:
    who = await make_officer(quick_world, "somebody", *([role] if role else []))
    lan = await person(quick_world)

    given = await give(who, lan)
    taken = await take_back(who, SOME_ID)
    seen = await get(who, GRANTS)

    assert (given.status_code, taken.status_code) == (403, 403)
    assert seen.status_code == (200 if role is Role.AUDITOR else 403)


async def test_the_list_is_filtered_and_pages_hold_all_of_it_once(world: World) -> None:
    granter, lan = await make_officer(world, "granter", Role.GRANTER), await person(world)
    made = [
        (await give(granter, lan, Role.ACCOUNTANT, f"H{number:02}")).json()["id"]
        for number in range(5)
    ]
    await take_back(granter, made[0])
    found: list[str] = []
    target: str | None = f"{GRANTS}?user_id={lan.id}&limit=2"
    while target:
        page = (await get(granter, target)).json()
        found += [one["id"] for one in page["items"]]
        more = page["next_cursor"]
        target = f"{GRANTS}?user_id={lan.id}&limit=2&cursor={more}" if more else None

    ended = (await get(granter, f"{GRANTS}?agency=H00&live=false")).json()["items"]

    assert found == list(reversed(made[1:]))
    assert [(one["id"], one["withdrawn_by"]) for one in ended] == [(made[0], f"user:{granter.id}")]
    assert (await get(granter, f"{GRANTS}?role=fee-editor")).json()["items"] == []


async def test_of_two_conflicting_grants_made_at_once_one_is_refused(world: World) -> None:
    granters = [await make_officer(world, f"granter{n}", Role.GRANTER) for n in (1, 2)]
    lan = await person(world)
    pair = (Role.KEY_REGISTRAR, Role.KEY_APPROVER)

    answers = await asyncio.gather(
        *(give(granter, lan, role) for granter, role in zip(granters * 4, pair * 4, strict=True))
    )

    held = (await get(granters[0], f"{GRANTS}?user_id={lan.id}")).json()["items"]
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7
    assert len(held) == 1


async def test_a_granter_whose_duty_ends_meanwhile_gives_nothing_more(world: World) -> None:
    granter, lan = await make_officer(world, "granter", Role.GRANTER), await person(world)
    chief = await make_officer(world, "chief", Role.GRANTER)
    own = (await get(chief, f"{GRANTS}?user_id={granter.id}")).json()["items"][0]["id"]
    assert (await take_back(chief, own)).status_code == 204

    assert (await give(granter, lan)).status_code == 403


async def test_nobody_holds_more_than_the_written_number(quick_world: World) -> None:
    granter = await make_officer(quick_world, "granter", Role.GRANTER)
    lan: Officer = await make_officer(quick_world, "lan")
    for number in range(GRANTS_MAX):
        made = await give(granter, lan, Role.ACCOUNTANT, f"H{number:03}")
        assert made.status_code == 201

    refused = await give(granter, lan, Role.ACCOUNTANT, "H999")

    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_grants")


async def test_a_grant_waits_for_one_that_is_just_being_made_to_the_same_person(
    world: World,
) -> None:
    lan, ids, tools = await person(world), SystemIds(world.clock), world.app.state.tools
    registrar = RoleGrant(
        id=ids.new(),
        user_id=UUID(lan.id),
        grant=Grant(role=Role.KEY_REGISTRAR, agency="*"),
        granted_by="operator:first",
        granted_at=world.clock.now(),
    )
    approver = NewGrant(grant=Grant(role=Role.KEY_APPROVER, agency="*"), user_id=UUID(lan.id))
    second = Granter.operator("second")

    uow = tools.new_uow()
    async with uow:
        await uow.accounts.get_for_update(UUID(lan.id))
        await uow.grants.add(registrar)
        late = asyncio.create_task(
            grant_role(approver, by=second, uow=tools.new_uow(), clock=world.clock, ids=ids)
        )
        await asyncio.wait({late}, timeout=0.3)

    with pytest.raises(ConflictingDuties):
        await late
