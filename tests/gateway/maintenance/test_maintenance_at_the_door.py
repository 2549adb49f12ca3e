"""A planned stop as outsiders meet it, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import SystemIds
from gateway.domain.maintenance.availability import minute_of
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role, RoleGrant
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.maintenance.keep_windows import keep_windows
from tests.gateway.payer import CONFIRMATIONS, Payer, make_payer, play_payment
from tests.gateway.world import World

HOUR = timedelta(hours=1)
REASON = {"reason_vi": "Nâng cấp cơ sở dữ liệu", "reason_en": "Database upgrade"}


def uow_of(world: World) -> SqlUnitOfWork:
    return SqlUnitOfWork(world.database, clock=world.clock, ids=SystemIds(world.clock))


async def make_operator(world: World) -> Payer:
    operator = Payer(world, "vu.van.hanh")
    await operator.open_account()
    async with uow_of(world) as uow:
        await uow.grants.add(
            RoleGrant(
                id=SystemIds(world.clock).new(),
                user_id=UUID(operator.id),
                grant=Grant(role=Role.OPERATOR, agency=EVERY_AGENCY),
                granted_by="operator:test",
                granted_at=world.clock.now(),
            )
        )
    await operator.sign_in()
    return operator


def stop_in(world: World, ahead: timedelta, *, lasting: timedelta = 2 * HOUR) -> dict[str, Any]:
    start = world.clock.now() + ahead
    return {"starts_at": start.isoformat(), "ends_at": (start + lasting).isoformat(), **REASON}


async def status_of(world: World) -> dict[str, Any]:
    answer = await world.http.get("/v1/status")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def delete(operator: Payer, target: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {operator.token}"}
    return await operator.world.http.delete(target, headers=headers)


async def test_during_a_stop_fees_are_not_opened_and_banks_are_heard(world: World) -> None:
    play_payment(world)
    operator = await make_operator(world)
    announced = await operator.post("/v1/maintenance-windows", stop_in(world, 25 * HOUR))
    assert announced.status_code == 201, announced.text
    world.clock.advance(26 * HOUR)
    payer = await make_payer(world)

    dossier = await world.send(world.dossier())
    confirmation = await payer.post(CONFIRMATIONS, {"method": "vietqr"})
    notice = await world.send(world.notification())
    look = await world.send(world.read("/v1/dossiers"))

    for refused in (dossier, confirmation):
        assert (refused.status_code, refused.json()["code"]) == (503, "under_maintenance")
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert refused.json()["maintenance_ends_at"]
    assert notice.status_code == 200
    assert look.status_code == 200


async def test_when_the_stop_is_over_fees_open_again(world: World) -> None:
    operator = await make_operator(world)
    await operator.post("/v1/maintenance-windows", stop_in(world, 25 * HOUR, lasting=HOUR))

    world.clock.advance(26 * HOUR)

    assert (await world.send(world.dossier())).status_code == 200


async def test_the_public_is_told_of_stops_now_and_to_come(world: World) -> None:
    operator = await make_operator(world)
    await operator.post("/v1/maintenance-windows", stop_in(world, 25 * HOUR))
    before = await status_of(world)
    world.clock.advance(25 * HOUR + timedelta(seconds=5))
    await keep_windows(uow=uow_of(world), clock=world.clock)
    during = await status_of(world)

    assert before["maintenance"] is None
    assert before["planned"][0]["reason_vi"] == REASON["reason_vi"]
    assert (during["status"], during["planned"]) == ("maintenance", [])
    assert during["maintenance"]["state"] == "started"
    assert "announced_by" not in during["maintenance"]


async def test_too_long_too_late_and_crossing_stops_are_refused(world: World) -> None:
    operator = await make_operator(world)

    answers = [
        await operator.post("/v1/maintenance-windows", stop)
        for stop in (
            stop_in(world, 25 * HOUR, lasting=4 * HOUR),
            stop_in(world, 23 * HOUR),
            stop_in(world, 30 * HOUR),
            stop_in(world, 31 * HOUR),
        )
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 201, 409]


async def test_only_an_operator_plans_stops(world: World) -> None:
    citizen = await make_payer(world)

    assert (await citizen.post("/v1/maintenance-windows", {})).status_code == 403
    citizen.token = ""
    assert (await citizen.post("/v1/maintenance-windows", {})).status_code == 401


async def test_a_stop_is_ended_early_or_called_off(world: World) -> None:
    operator = await make_operator(world)
    first = await operator.post("/v1/maintenance-windows", stop_in(world, 25 * HOUR))
    second = await operator.post("/v1/maintenance-windows", stop_in(world, 50 * HOUR))
    called_off = await delete(operator, f"/v1/maintenance-windows/{second.json()['id']}")
    world.clock.advance(25 * HOUR + timedelta(minutes=30))
    await operator.sign_in()

    ended = await operator.post(f"/v1/maintenance-windows/{first.json()['id']}/end")
    world.clock.advance(timedelta(seconds=4))

    assert (called_off.status_code, called_off.json()["state"]) == (200, "cancelled")
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert (await world.send(world.dossier())).status_code == 200


async def test_availability_is_counted_by_the_minute_and_unwatched_minutes_are_down(
    world: World,
) -> None:
    first = minute_of(world.clock.now())
    async with uow_of(world) as uow:
        for offset in range(10):
            await uow.availability.note(first + timedelta(minutes=offset), up=offset != 3)
        # Two looks in one minute: the worse one counts.
        await uow.availability.note(first, up=False)
        await uow.availability.note(first, up=True)
    world.clock.advance(timedelta(minutes=20))

    (month,) = (await status_of(world))["availability"]

    assert (month["minutes"], month["minutes_up"]) == (20, 8)
    assert (month["percent"], month["percent_outside_maintenance"]) == ("40.00", "40.00")


async def test_announced_stops_are_shown_and_taken_out_of_the_second_figure(world: World) -> None:
    operator = await make_operator(world)
    await operator.post("/v1/maintenance-windows", stop_in(world, 24 * HOUR, lasting=HOUR))
    start = world.clock.now() + 24 * HOUR
    async with uow_of(world) as uow:
        for offset in range(60):
            await uow.availability.note(start - HOUR + timedelta(minutes=offset), up=True)
            await uow.availability.note(start + timedelta(minutes=offset), up=False)
    world.clock.advance(25 * HOUR)
    await keep_windows(uow=uow_of(world), clock=world.clock)

    (month,) = (await status_of(world))["availability"]

    assert month["minutes"] == 120
    assert month["percent"] == "50.00"
    assert month["percent_outside_maintenance"] == "100.00"
