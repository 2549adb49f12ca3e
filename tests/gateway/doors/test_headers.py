"""What a caller writes into headers stays outside, and what we write is on every answer."""

import httpx
import pytest

from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.routes.headers import FORWARDED, HEADERS_MAX, SECURITY, page_headers
from tests.gateway.world import World

WRITTEN = {
    "forwarded": "for=10.0.0.1;host=inner",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": "inner",
    "x-forwarded-proto": "https",
    "x-real-ip": "127.0.0.1",
    "x-user-id": "admin",
    "x-user": "admin",
    "x-client-id": "portal-demo",
    "x-original-url": "/v1/ledger/balances",
    "x-http-method-override": "DELETE",
    "cookie": "session=1",
    "authorization": "Bearer ours",
    "proxy-authorization": "Basic YTpi",
    "te": "trailers",
    "connection": "authorization",
}


async def test_no_header_that_claims_an_identity_reaches_a_service(quick_world: World) -> None:
    answer = await quick_world.http.get("/v1/agencies", headers=WRITTEN)

    assert answer.status_code == 200
    (sent,) = quick_world.upstream.requests
    named = dict(sent.headers)
    assert set(named) <= {*FORWARDED, "authorization", "x-request-id"}
    assert named["authorization"] != WRITTEN["authorization"]
    assert sent.method == "GET"
    assert sent.target == "/v1/agencies"


async def test_a_services_own_headers_do_not_come_out(quick_world: World) -> None:
    answer = await quick_world.http.get("/v1/agencies")

    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers


async def test_too_many_headers_are_refused(quick_world: World) -> None:
    many = {f"x-{number}": "a" for number in range(HEADERS_MAX)}

    answer = await quick_world.http.get("/v1/agencies", headers=many)

    assert answer.json()["code"] == "headers_too_large"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/agencies"),
        ("GET", "/nowhere"),
        ("TRACE", "/v1/agencies"),
        ("POST", "/v1/dossiers"),
        ("POST", "/v1/sessions"),
        ("GET", "/docs"),
        ("GET", "/health/live"),
    ],
)
async def test_every_answer_is_dressed(quick_world: World, method: str, path: str) -> None:
    answer = await quick_world.http.request(method, path)

    assert set(SECURITY) <= set(answer.headers)
    assert answer.headers["x-request-id"]
    _each_once(answer)


async def test_a_bug_of_ours_is_answered_dressed_and_says_nothing(quick_world: World) -> None:
    async def broken(_request: UpstreamRequest) -> UpstreamAnswer:
        raise RuntimeError("the combination is 1234")

    quick_world.upstream.answers["GET", "/v1/agencies"] = broken

    answer = await quick_world.http.get("/v1/agencies")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "1234" not in answer.text
    assert set(SECURITY) <= set(answer.headers)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def _each_once(answer: httpx.Response) -> None:
    names = [name.lower() for name, _value in answer.headers.raw]
    assert len(names) == len(set(names)), names


def test_a_page_runs_our_own_files_and_nothing_else() -> None:
    policy = page_headers()["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
