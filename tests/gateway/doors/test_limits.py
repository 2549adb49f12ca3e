"""How much one source may send, and what no other source can take from it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.testing import FrozenClock
from gateway.domain.traffic.errors import TooManyRequests
from gateway.domain.traffic.limits import LIMITS, Limit, Traffic
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.routes.buckets import Buckets
from tests.gateway.doors.conftest import MakeWorld, come_from
from tests.gateway.world import Signed, World, json_answer

HERE, THERE = "203.0.113.5", "203.0.113.6"
FEW = Limit(burst=3, per_second=0.5)


async def statuses(http: httpx.AsyncClient, count: int, path: str = "/v1/agencies") -> list[int]:
    return [(await http.get(path)).status_code for _ in range(count)]


async def send(http: httpx.AsyncClient, request: Signed) -> httpx.Response:
    return await http.request(
        request.method, request.target, content=request.body, headers=request.headers
    )


async def test_an_address_has_its_share_and_gets_it_again_with_time(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW})
    async with come_from(world, HERE) as here, come_from(world, THERE) as there:
        assert await statuses(here, 4) == [200, 200, 200, 429]
        assert await statuses(there, 1) == [200]
        world.clock.advance(timedelta(seconds=2))
        assert await statuses(here, 2) == [200, 429]
        world.clock.advance(timedelta(hours=-1))
        assert await statuses(here, 1) == [429]


async def test_the_refusal_says_when_to_come_back_and_is_dressed_like_any_answer(
    limited: MakeWorld,
) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW})
    async with come_from(world, HERE) as here:
        await statuses(here, 3)
        refused = await here.get("/v1/agencies", headers={"x-request-id": "my-own-number"})

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert refused.json()["request_id"] == refused.headers["x-request-id"] == "my-own-number"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["ratelimit-policy"] == '"address";q=3;w=6'
    assert refused.headers["ratelimit"] == '"address";r=0;t=2'
    assert refused.headers["content-security-policy"].startswith("default-src 'none'")
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_whoever_is_over_the_limit_is_refused_before_their_body_is_read(
    limited: MakeWorld,
) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW})
    async with come_from(world, HERE) as here:
        await statuses(here, 3)
    said: list[Any] = []

    async def never() -> Any:
        raise AssertionError("the body was asked for")

    async def note(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/accounts", "raw_path": b"/v1/accounts",
        "query_string": b"", "headers": [], "client": (HERE, 1),
    }  # fmt: skip
    await world.app(scope, never, note)

    assert said[0]["status"] == 429


async def test_the_addresses_of_one_ipv6_network_share(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW})
    answers = []
    for host in ("::1", "::2", "ffff::", "a:b:c:d"):
        address = f"2001:db8:1:1:{host}" if host.count(":") == 3 else f"2001:db8:1:1{host}"
        async with come_from(world, address.replace("ffff::", "::ffff")) as http:
            answers += await statuses(http, 1)
    async with come_from(world, "2001:db8:1:2::1") as http:
        answers += await statuses(http, 1)

    assert answers == [200, 200, 200, 429, 200]


async def test_only_our_terminator_says_for_whom_it_comes(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW}, terminator_networks=("198.51.100.0/24",))

    async def ask(peer: str, said: str) -> int:
        async with come_from(world, peer) as http:
            answer = await http.get("/v1/agencies", headers={"x-forwarded-for": said})
            return answer.status_code

    by_liar = [await ask(HERE, f"192.0.2.{number}") for number in range(4)]
    by_terminator = [await ask("198.51.100.7", f"{number}, 192.0.2.9") for number in range(4)]
    for_another = await ask("198.51.100.7", "192.0.2.9, 192.0.2.10")

    assert by_liar == [200, 200, 200, 429]
    assert by_terminator == [200, 200, 200, 429]
    assert for_another == 200


async def test_clients_behind_one_address_are_counted_by_name_once_they_have_proved_it(
    limited: MakeWorld,
) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW})
    async with come_from(world, HERE) as here:
        answers = [(await send(here, world.read("/v1/dossiers"))).status_code for _ in range(9)]

    assert set(answers) == {200}


@pytest.mark.parametrize(
    ("traffic", "request_of"),
    [
        (Traffic.READ, lambda world: world.read("/v1/dossiers")),
        (Traffic.WRITE, lambda world: world.dossier()),
        (Traffic.CALLBACK, lambda world: world.notification()),
    ],
    ids=lambda one: one if isinstance(one, Traffic) else "",
)
async def test_a_client_has_a_share_of_each_kind(
    limited: MakeWorld, traffic: Traffic, request_of: Any
) -> None:
    world = await limited(limits={traffic: FEW})

    answers = [await world.send(request_of(world)) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert answers[-1].headers["ratelimit"].startswith(f'"{traffic}"')
    assert len(world.upstream.requests) == 3


async def test_nobody_uses_up_a_clients_share_by_claiming_its_name(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.READ: FEW})
    for _ in range(10):
        forged = world.read("/v1/dossiers").with_header("signature", "sig1=:AAAA:")
        assert (await world.send(forged)).status_code == 401

    answers = [(await world.send(world.read("/v1/dossiers"))).status_code for _ in range(3)]

    assert answers == [200, 200, 200]


async def test_a_claimed_name_over_its_limit_is_refused_before_its_signature_is_checked(
    limited: MakeWorld,
) -> None:
    world = await limited(limits={Traffic.READ: FEW})
    for _ in range(3):
        await world.send(world.read("/v1/dossiers"))

    forged = world.read("/v1/dossiers").with_header("signature", "sig1=:AAAA:")

    assert (await world.send(forged)).status_code == 429


async def test_an_account_is_tried_so_often_from_wherever(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.SIGN_IN: FEW})
    answers = []
    for number in range(5):
        body = {"username": " An.Nguyen"[number % 2 :], "password": "x" * 12, "totp": "123456"}
        async with come_from(world, f"192.0.2.{number}") as http:
            answers.append((await http.post("/v1/sessions", json=body)).status_code)

    assert answers[3:] == [429, 429]
    assert 429 not in answers[:3]


async def test_callbacks_pass_while_everything_else_is_refused(limited: MakeWorld) -> None:
    world = await limited(limits={Traffic.ADDRESS: FEW}, at_once_max=2, callbacks_at_once_max=1)
    release, began = asyncio.Event(), asyncio.Semaphore(0)

    async def hang(_request: UpstreamRequest) -> UpstreamAnswer:
        began.release()
        await release.wait()
        return json_answer({})

    world.upstream.answers["GET", "/v1/agencies"] = hang
    waiting = [asyncio.create_task(world.http.get("/v1/agencies")) for _ in range(2)]
    for _ in waiting:
        await began.acquire()
    async with come_from(world, HERE) as here:
        busy = await here.get("/v1/procedures")
        flooded = await statuses(here, 5)
        heard = await send(here, world.notification())
    release.set()
    assert {(await one).status_code for one in waiting} == {200}

    assert (busy.status_code, busy.json()["code"]) == (503, "too_busy")
    assert busy.headers["retry-after"]
    assert busy.headers["x-request-id"]
    assert busy.headers["x-content-type-options"] == "nosniff"
    assert set(flooded) == {503, 429}
    assert heard.status_code == 200


async def test_callbacks_in_their_own_room_leave_the_rest_alone(limited: MakeWorld) -> None:
    world = await limited(callbacks_at_once_max=1)
    release, began = asyncio.Event(), asyncio.Event()

    async def hang(_request: UpstreamRequest) -> UpstreamAnswer:
        began.set()
        await release.wait()
        return json_answer({})

    world.upstream.answers["POST", "/v1/provider-notifications/sandbox"] = hang
    waiting = asyncio.create_task(world.send(world.notification()))
    await began.wait()
    second = await world.send(world.notification(b'{"notice_id":"n-2"}'))
    look_up = await world.http.get("/v1/agencies")
    release.set()

    assert (second.status_code, look_up.status_code) == (503, 200)
    assert (await waiting).status_code == 200


async def test_what_the_chassis_refuses_is_dressed_as_well(quick_world: World) -> None:
    answer = await quick_world.http.post("/v1/dossiers", content=b"x" * 70_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


def test_the_memory_of_sources_is_bounded_and_forgets_the_quietest() -> None:
    buckets = Buckets({Traffic.ADDRESS: FEW}, clock=FrozenClock(), sources_max=100)
    for _ in range(3):
        buckets.take(Traffic.ADDRESS, "loud")
    for number in range(1_000):
        buckets.take(Traffic.ADDRESS, str(number))
        with pytest.raises(TooManyRequests):
            buckets.take(Traffic.ADDRESS, "loud")

    assert buckets.count(Traffic.ADDRESS) == 100


def test_every_kind_of_traffic_has_a_limit() -> None:
    assert set(LIMITS) == set(Traffic)


@pytest.mark.parametrize("nonsense", [(0, 1.0), (1, 0.0), (1, -1.0)])
def test_a_limit_that_lets_nothing_through_is_not_one(nonsense: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limit(burst=nonsense[0], per_second=nonsense[1])
