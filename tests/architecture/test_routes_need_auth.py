"""Behind the gateway every door is locked: no route of any service answers without a token.

Made from the applications themselves, so a new route is tested by existing.
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from deploy.development_keys import ensure_development_keys

SERVICES: Final = ("catalog", "dossier", "payment", "receipt", "notification")
OPEN: Final = {"/health/live", "/health/ready", "/metrics"}
SOME_ID: Final = "00000000-0000-7000-8000-000000000000"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


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
        )
    )
    return app


def paths(app: FastAPI) -> list[str]:
    """Every path the application knows, listed in its OpenAPI or not, with some id filled in."""
    known = {str(context.path) for context in iter_route_contexts(app.routes)}
    return sorted(re.sub(r"\{[^}]*\}", SOME_ID, path) for path in known - OPEN)


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_answers_without_an_internal_token(service: str, var_dir: Path) -> None:
    app = application(service, var_dir)
    locked = paths(app)
    assert any(path.startswith("/v1/") for path in locked), "a service without routes"

    async with client_of(app) as client:
        for path in [*locked, "/nowhere", "/docs", "/openapi.json"]:
            for method in METHODS:
                answer = await client.request(method, path)
                assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
                assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "bearer e30.e30.", "Bearer e30.e30."],
)
@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_answers_to_a_token_nobody_minted(
    service: str, authorization: str, var_dir: Path
) -> None:
    app = application(service, var_dir)

    async with client_of(app) as client:
        for path in paths(app):
            answer = await client.get(path, headers={"authorization": authorization})
            assert answer.status_code == 401, path


@pytest.mark.parametrize("service", SERVICES)
async def test_what_stays_open_is_health_and_metrics(service: str, var_dir: Path) -> None:
    app = application(service, var_dir)
    known = {str(context.path) for context in iter_route_contexts(app.routes)}

    assert known >= OPEN
    async with client_of(app) as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service.test")
