"""Trying out codes comes to an end; scanning a pile of honest receipts does not."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from gateway.domain.traffic.limits import Limit, Traffic
from gateway.routes.gate import PUBLIC_FILE_PATHS, PUBLIC_FILES, lane_of
from gateway.routes.route import Demand
from gateway.routes.table import ROUTES
from tests.gateway.checks.conftest import AMOUNT, CODE, LOOKUPS, PAGE, QR, ask, keep, problem
from tests.gateway.doors.conftest import MakeWorld, come_from
from tests.gateway.world import World

HERE, THERE, ELSEWHERE = "203.0.113.5", "203.0.113.6", "203.0.113.7"
FEW = Limit(burst=3, per_second=0.1)
PLENTY = Limit(burst=10_000, per_second=1_000)


async def small(limited: MakeWorld, **limits: Limit) -> World:
    chosen = {Traffic.ADDRESS: PLENTY, Traffic.LOOKUP_MISS: FEW}
    world = await limited(limits=chosen | {Traffic(name): one for name, one in limits.items()})
    keep(world)
    return world


async def guess(http: httpx.AsyncClient, count: int) -> list[int]:
    return [(await ask(http, f"{number:022d}")).status_code for number in range(count)]


async def test_who_misses_often_must_wait_and_nobody_else(limited: MakeWorld) -> None:
    world = await small(limited)
    async with come_from(world, HERE) as here, come_from(world, THERE) as there:
        assert await guess(here, 5) == [404, 404, 404, 429, 429]
        assert await guess(there, 1) == [404]
        # Also with a right code: whoever is refused learns nothing.
        refused = await ask(here)
        world.clock.advance(timedelta(seconds=10))
        assert await guess(here, 2) == [404, 429]

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "10"
    assert "Quá nhiều yêu cầu" in refused.text
    assert refused.headers["content-type"].startswith("text/html")


async def test_every_way_to_miss_counts_the_same(limited: MakeWorld) -> None:
    world = await small(limited, lookup_miss=Limit(burst=6, per_second=0.1))
    world.upstream.answers["GET", f"{LOOKUPS}/{'x' * 22}/pdf"] = problem(404, "receipt_not_found")
    world.upstream.answers["GET", f"{LOOKUPS}/{'x' * 22}/xml"] = problem(404, "receipt_not_found")
    async with come_from(world, HERE) as here:
        ways = [
            await here.get(LOOKUPS, params={**QR, "number": "8"}),
            await here.post(LOOKUPS, json={"code": CODE, "amount": AMOUNT + 1}),
            await here.get(f"{LOOKUPS}/{'x' * 22}/xml"),
            await here.get(f"{LOOKUPS}/{'x' * 22}/pdf"),
            await here.get(PAGE, params={**QR, "code": "x" * 22}),
            await ask(here, CODE, AMOUNT + 1),
        ]
        after = [
            await here.get(LOOKUPS, params=QR),
            await here.post(LOOKUPS, json={"code": CODE, "amount": AMOUNT}),
            await here.get(f"{LOOKUPS}/{CODE}/pdf"),
            await here.get(PAGE, params=QR),
            await ask(here),
        ]

    assert [one.status_code for one in ways] == [404] * 6
    assert [one.status_code for one in after] == [429] * 5
    assert {one.headers["retry-after"] for one in after} == {"10"}


async def test_scanning_many_receipts_is_never_stopped(limited: MakeWorld) -> None:
    world = await small(limited)
    async with come_from(world, HERE) as here:
        by_qr = [(await here.get(PAGE, params=QR)).status_code for _ in range(40)]
        by_code = [(await ask(here)).status_code for _ in range(40)]

    assert {*by_qr, *by_code} == {200}


async def test_many_guesses_at_once_are_no_way_around(limited: MakeWorld) -> None:
    world = await small(limited)
    async with come_from(world, HERE) as here:
        answers = await asyncio.gather(*(ask(here, f"{number:022d}") for number in range(20)))

    assert sorted(one.status_code for one in answers) == [404] * 3 + [429] * 17


async def test_misses_from_everywhere_leave_the_door_open_for_who_missed_nothing(
    limited: MakeWorld,
) -> None:
    world = await small(limited, lookup_misses=Limit(burst=4, per_second=0.01))
    for last in range(4):
        async with come_from(world, f"198.51.100.{last}") as guesser:
            assert await guess(guesser, 1) == [404]

    async with come_from(world, HERE) as honest, come_from(world, "198.51.100.1") as guesser:
        assert [(await ask(honest)).status_code for _ in range(10)] == [200] * 10
        assert await guess(guesser, 1) == [429]
        # One miss of theirs is one too many now.
        assert await guess(honest, 2) == [404, 429]
        assert (await ask(honest)).status_code == 429


async def test_files_to_judge_are_counted_by_address(limited: MakeWorld) -> None:
    world = await small(limited, file_check=FEW)
    refusal = problem(422, "neither_xml_nor_pdf")
    world.upstream.answers["POST", "/v1/receipt-checks"] = refusal
    async with come_from(world, HERE) as here, come_from(world, THERE) as there:
        files = {"tep": ("a.xml", b"<?xml", "text/xml")}
        answers = [
            await here.post("/v1/receipt-checks", content=b"a"),
            await here.post(f"{PAGE}/tep", files=files),
            await here.post("/v1/receipt-checks", content=b"a"),
            await here.post("/v1/receipt-checks", content=b"a"),
            await here.post(f"{PAGE}/tep", files=files),
            await there.post("/v1/receipt-checks", content=b"a"),
        ]

    assert [one.status_code for one in answers] == [422, 422, 422, 429, 429, 422]


@pytest.mark.parametrize("path", ["/v1/receipt-checks", f"{PAGE}/tep"])
async def test_a_file_is_taken_up_to_its_bound(limited: MakeWorld, path: str) -> None:
    world = await small(limited)
    answer = await world.http.post(path, content=b"%PDF-" + b"x" * 1_100_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_whoever_may_bring_a_file_without_a_name_waits_in_a_room_of_their_own() -> None:
    public = {
        route.path
        for route in ROUTES
        if route.upload_bytes_max is not None and route.demand is Demand.PUBLIC
    }

    assert public == PUBLIC_FILE_PATHS
    assert {lane_of({"path": path}) for path in public} == {PUBLIC_FILES}


def test_every_public_way_to_a_code_is_counted() -> None:
    ways = {(one.method, one.path) for one in ROUTES if "/receipt-lookups" in one.path}

    assert ways == {(one.method, one.path) for one in ROUTES if one.guessable}
    assert len(ways) == 4
