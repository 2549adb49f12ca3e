"""Both ways to a service hand over the same request and the same answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from fastapi import FastAPI, Request

from chassis.auth import Caller, CallerDep, TokenMinter, TokenVerifier
from chassis.http import create_api
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.providers.http_upstream import HttpUpstream
from gateway.providers.in_process_upstream import InProcessUpstream
from gateway.providers.service_calls import ServiceCalls
from gateway.settings import GatewaySettings
from tests.gateway.world import settings_for

REQUEST = UpstreamRequest(
    service="echo",
    method="POST",
    target="/v1/echo/a~b?q=l%E1%BB%87&x=1",
    headers=(("content-type", "application/json"), ("x-request-id", "req-00000001")),
    body=b'{"a":1}',
)


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    """A real server that says what it heard."""

    async def echo(request: web.Request) -> web.Response:
        if request.path.endswith("/slow"):
            await asyncio.sleep(5)
        heard = {
            "method": request.method,
            "target": request.raw_path,
            "headers": sorted(name.lower() for name in request.headers),
            "body": (await request.read()).decode(),
        }
        return web.json_response(heard, status=201, headers={"X-Own": "1"})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_over_http_a_request_arrives_letter_by_letter(origin: str) -> None:
    upstream = HttpUpstream({"echo": origin}, timeout_seconds=5)

    answer = await upstream.send(REQUEST)
    await upstream.close()

    assert answer.status == 201
    assert answer.header("x-own") == "1"
    assert b'"target": "/v1/echo/a~b?q=l%E1%BB%87&x=1"' in answer.body
    assert b'"user-agent"' not in answer.body


async def test_over_http_silence_and_nobody_are_the_same_in_time(origin: str) -> None:
    upstream = HttpUpstream({"echo": origin, "nobody": "http://127.0.0.1:1"}, timeout_seconds=0.2)
    slow = UpstreamRequest(service="echo", method="GET", target="/slow", headers=())
    nobody = UpstreamRequest(service="nobody", method="GET", target="/", headers=())

    for request in (slow, nobody):
        with pytest.raises(UpstreamUnavailable):
            await upstream.send(request)
    await upstream.close()


async def test_in_process_a_request_arrives_the_same() -> None:
    app = FastAPI()

    @app.post("/v1/echo/{name}", status_code=201)
    async def echo(name: str, request: Request) -> dict[str, Any]:
        return {
            "name": name,
            "query": request.url.query,
            "type": request.headers["content-type"],
            "body": (await request.body()).decode(),
        }

    answer = await InProcessUpstream({"echo": app}).send(REQUEST)

    assert answer.status == 201
    assert b'"query":"q=l%E1%BB%87&x=1"' in answer.body
    assert b'"name":"a~b"' in answer.body


async def test_in_process_a_service_that_breaks_or_hangs_does_not_break_us() -> None:
    app = create_api(title="Broken", service="broken", verifier=None)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a bug")

    @app.get("/hanging")
    async def hanging() -> None:
        await asyncio.sleep(60)

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        return

    upstream = InProcessUpstream({"broken": app, "silent": silent}, timeout_seconds=0.2)

    def ask(service: str, target: str) -> UpstreamRequest:
        return UpstreamRequest(service=service, method="GET", target=target, headers=())

    assert (await upstream.send(ask("broken", "/broken"))).status == 500
    for request in (ask("broken", "/hanging"), ask("silent", "/")):
        with pytest.raises(UpstreamUnavailable):
            await upstream.send(request)


@pytest.mark.parametrize("by_mistake", ["", "wrong audience"])
async def test_a_real_service_takes_our_token_and_no_other(
    by_mistake: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clock = FrozenClock()
    settings: GatewaySettings = settings_for("sqlite+aiosqlite://", tmp_path_factory.mktemp("v"))
    keys = settings.keys_dir / "internal"
    app = create_api(
        title="Dossier",
        service="dossier",
        verifier=TokenVerifier.from_directory(
            "dossier",
            keys,
            callers={"gateway": {"client": frozenset({"dossier.submit"})}},
            clock=clock,
        ),
        clock=clock,
    )

    @app.post("/v1/dossiers")
    async def post(caller: CallerDep) -> dict[str, Any]:
        return {"client": caller.client_id, "scopes": sorted(caller.scopes)}

    minter = TokenMinter.from_directory("gateway", keys, clock=clock, ids=SystemIds())
    name = "payment" if by_mistake else "dossier"
    calls = ServiceCalls(InProcessUpstream({name: app}), minter)
    caller = Caller(
        subject="portal", kind="client", client_id="portal", scopes=frozenset({"dossier.submit"})
    )

    async def call() -> UpstreamAnswer:
        return await calls.call(
            name, "POST", "/v1/dossiers?x=1", caller=caller, headers={}, body=b"{}"
        )

    if by_mistake:
        with pytest.raises(UpstreamUnavailable):
            await call()
    else:
        assert (await call()).body == b'{"client":"portal","scopes":["dossier.submit"]}'
