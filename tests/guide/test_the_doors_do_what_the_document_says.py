"""Each documented operation, called with nothing in hand at a whole gateway."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.contracts import openapi
from tests.gateway.world import World

Json = dict[str, Any]
# A provider whose notices are proved by message signature, and one by a scheme of its own.
PROVIDER = "sandbox"
ID = "0199a000-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def documents() -> dict[str, str]:
    return dict(openapi())


@pytest.fixture
def documented(quick_world: World, documents: dict[str, str], tmp_path: Path) -> World:
    folder = tmp_path / "openapi"
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")
    quick_world.settings.openapi_dir = folder
    return quick_world


async def calls(world: World) -> Sequence[tuple[str, str, Json]]:
    document = (await world.http.get("/openapi.json")).json()
    return [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def call(world: World, method: str, path: str) -> httpx.Response:
    named = path.replace("{provider}", PROVIDER)
    return await world.http.request(method, re.sub(r"\{\w+\}", ID, named))


async def test_without_credentials_the_doors_are_shut_exactly_where_it_says(
    documented: World,
) -> None:
    tried = {"open": 0, "shut": 0}
    for method, path, operation in await calls(documented):
        answer = await call(documented, method, path)
        told = f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        if operation["security"]:
            tried["shut"] += 1
            assert answer.status_code == 401, told
            assert answer.json()["code"] in operation["responses"]["401"]["x-lephi-codes"], told
            assert "www-authenticate" in answer.headers, told
        else:
            tried["open"] += 1
            assert answer.status_code not in (401, 403), told
    assert min(tried.values()) > 10


async def test_nothing_reaches_a_service_through_a_door_that_is_shut(documented: World) -> None:
    for method, path, operation in await calls(documented):
        before = len(documented.upstream.requests)
        await call(documented, method, path)
        if operation["security"]:
            assert len(documented.upstream.requests) == before, path


async def test_refusals_are_signed_where_the_document_says_so(documented: World) -> None:
    for method, path, operation in await calls(documented):
        answer = await call(documented, method, path)
        said = operation["responses"].get(str(answer.status_code), {})
        proof = {"signature", "signature-input", "content-digest"}
        assert (proof <= answer.headers.keys()) == said.get("x-lephi-signed", False), path


async def test_a_body_that_is_too_large_is_refused_with_the_code_that_is_written_down(
    documented: World,
) -> None:
    operation = (await documented.http.get("/openapi.json")).json()["paths"]["/v1/dossiers"]["post"]
    answer = await documented.http.post("/v1/dossiers", content=b"x" * 70_000)

    said = operation["responses"][str(answer.status_code)]
    assert answer.json()["code"] in said["x-lephi-codes"]
    assert "signature" not in answer.headers
    assert "Signature" not in said.get("headers", {})
