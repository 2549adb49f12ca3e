"""Behind the gateway every door is locked: no route of any service answers without a token.

Made from the applications themselves, so a new route is tested by existing.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from chassis.auth import Callers, Kind
from chassis.testing import FrozenClock
from deploy.commands.houses import SERVICES, package_of
from deploy.development_keys import ensure_development_keys
from gateway.routes.route import Demand
from gateway.routes.table import ROUTES
from tests.architecture.forged_tokens import FORGED, NOW, Knock

OPEN: Final = {"/health/live", "/health/ready", "/metrics"}
SOME_ID: Final = "00000000-0000-7000-8000-000000000000"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOT_THERE: Final = ("/", "/nowhere", "/docs", "/openapi.json", "/metrics/", "/health/live/x")
BODY: Final = b'{"a":1}'
KINDS_OF: Final[Mapping[Demand, Sequence[Kind]]] = {
    Demand.PUBLIC: ("public",),
    Demand.SESSION: ("user",),
    Demand.SIGNED: ("client",),
    Demand.CALLBACK: ("client",),
    Demand.SIGNED_OR_SESSION: ("client", "user"),
}


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder)
    return folder


def application(service: str, var_dir: Path) -> FastAPI:
    settings: Any = getattr(
        import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings"
    )
    app: FastAPI = import_module(f"services.{service}.main").create_app(
        settings(
            database_url=f"sqlite+aiosqlite:///{var_dir / f'{service}.sqlite'}",
            keys_dir=var_dir / "keys",
            var_dir=var_dir,
        ),
        clock=FrozenClock(NOW),
    )
    return app


def paths(app: FastAPI) -> list[str]:
    """Every path the application knows, listed in its OpenAPI or not, with some id filled in."""
    known = {str(context.path) for context in iter_route_contexts(app.routes)}
    return sorted(re.sub(r"\{[^}]*\}", SOME_ID, path) for path in known - OPEN)


def callers_of(service: str) -> Callers:
    callers: Callers = import_module(f"{package_of(service)}.callers").CALLERS
    return callers


def knocks(app: FastAPI, service: str, var_dir: Path) -> list[Knock]:
    return [
        Knock(service, method, path, BODY, NOW, var_dir / "keys" / "internal", callers_of(service))
        for path in (*paths(app), *NOT_THERE)
        for method in METHODS
    ]


async def knock_with(
    client: httpx.AsyncClient, knock: Knock, headers: Mapping[str, str]
) -> httpx.Response:
    return await client.request(knock.method, knock.target, content=knock.body, headers=headers)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_answers_to_a_token_that_is_not_for_it(
    service: str, var_dir: Path, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    app = application(service, var_dir)
    assert any(path.startswith("/v1/") for path in paths(app)), "a service without routes"

    refused = 0
    async with client_of(app) as client:
        for knock in knocks(app, service, var_dir):
            for name, forge in FORGED.items():
                headers = {"authorization": f"Bearer {forge(knock)}"}
                answer = await knock_with(client, knock, headers)
                said = f"{knock.method} {knock.target} with {name}: {answer.status_code}"
                assert answer.status_code in (401, 403), said
                assert answer.headers["content-type"] == "application/problem+json", said
                refused += 1
    record_property("refused", refused)
    with capsys.disabled():
        print(f"\n{service}: {refused} forged requests, all refused")


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_answers_without_a_token(service: str, var_dir: Path) -> None:
    app = application(service, var_dir)

    async with client_of(app) as client:
        for knock in knocks(app, service, var_dir):
            token = knock.signed()
            for headers in (
                {},
                {"authorization": ""},
                {"authorization": "Bearer"},
                {"authorization": "Basic YTpi"},
                {"authorization": f"bearer {token}"},
                {"authorization": f"Signature {token}"},
                {"x-authorization": f"Bearer {token}"},
                {"cookie": f"authorization=Bearer {token}"},
                {"x-user-id": "1", "x-forwarded-user": "root", "forwarded": "for=127.0.0.1"},
            ):
                answer = await knock_with(client, knock, headers)
                assert answer.status_code == 401, f"{knock.method} {knock.target} {headers}"


@pytest.mark.parametrize("service", SERVICES)
async def test_the_right_token_opens_its_door_once(service: str, var_dir: Path) -> None:
    """Were the right token refused too, all that is refused above would prove nothing."""
    app = application(service, var_dir)

    async with client_of(app) as client:
        for knock in knocks(app, service, var_dir):
            headers = {"authorization": f"Bearer {knock.signed()}"}
            let_in = await knock_with(client, knock, headers)
            again = await knock_with(client, knock, headers)

            assert let_in.status_code != 401, f"{knock.method} {knock.target}"
            assert again.status_code == 401, f"{knock.method} {knock.target}"


@pytest.mark.parametrize("service", SERVICES)
async def test_what_stays_open_is_health_and_metrics_and_says_nothing(
    service: str, var_dir: Path
) -> None:
    app = application(service, var_dir)
    known = {str(context.path) for context in iter_route_contexts(app.routes)}

    assert known >= OPEN
    async with client_of(app) as client:
        live = await client.get("/health/live")
        ready = await client.get("/health/ready")
        await client.get(f"/v1/things/{SOME_ID}")
        metrics = await client.get("/metrics")
    assert (live.status_code, live.json()) == (200, {"status": "up"})
    assert ready.json() in ({"status": "up"}, {"status": "down"})
    assert metrics.status_code == 200
    assert SOME_ID not in metrics.text


@pytest.mark.parametrize("service", SERVICES)
def test_the_gateway_hands_on_nothing_that_the_service_would_refuse(service: str) -> None:
    """Whoever adds a route to the gateway's table adds its scope to the service's callers."""
    allowed = callers_of(service)["gateway"]

    for route in ROUTES:
        if route.service == service:
            for kind in KINDS_OF[route.demand]:
                assert kind in allowed, f"{route.path}: {service} lets in no {kind}"
                assert route.scopes <= allowed[kind], f"{route.path} as {kind}"


def test_only_those_who_call_are_in_a_table() -> None:
    issuers = {service: set(callers_of(service)) for service in SERVICES}

    assert issuers == {
        "catalog": {"gateway"},
        "dossier": {"gateway"},
        "payment": {"gateway"},
        "receipt": {"gateway", "notification"},
        "notification": {"gateway"},
    }


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Calls an application from its start to its end, when it closes what it opened."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service.test") as client,
    ):
        yield client
