import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.main import merged_openapi
from gateway.pages.openapi import Documented, merge, path_key
from gateway.routes.table import ROUTES
from tests.gateway.world import ORIGIN, World

CATALOG = {
    "info": {"title": "Catalog"},
    "paths": {
        "/v1/agencies": {
            "get": {
                "operationId": "list",
                "tags": ["agencies"],
                "responses": {
                    "200": {"$ref": "#/components/responses/Found"},
                    "404": {"schema": {"$ref": "#/components/schemas/ProblemBody"}},
                },
            },
            "post": {"operationId": "hidden"},
        },
        "/v1/agencies/{agency_code}": {"get": {"operationId": "one"}},
        "/internal": {"get": {"operationId": "internal"}},
    },
    "components": {
        "schemas": {
            "Page": {"items": {"$ref": "#/components/schemas/Agency"}},
            "Agency": {"type": "object"},
            "ProblemBody": {"type": "object"},
        },
        "responses": {"Found": {"schema": {"$ref": "#/components/schemas/Page"}}},
    },
}
OTHER = {
    "info": {"title": "Other"},
    "paths": {"/v1/dossiers": {"post": {"operationId": "list"}}},
    "components": {"schemas": {"Page": {"type": "array"}}},
}


@pytest.fixture
def written(quick_world: World, tmp_path: Path) -> World:
    """A gateway that finds two services' documents."""
    folder = tmp_path / "openapi"
    folder.mkdir()
    (folder / "catalog.json").write_text(json.dumps(CATALOG))
    (folder / "dossier.json").write_text(json.dumps(OTHER))
    quick_world.settings.openapi_dir = folder
    return quick_world


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()


async def test_services_are_merged_and_no_reference_dangles(written: World) -> None:
    merged = (await written.http.get("/openapi.json")).json()

    assert {"catalog.Page", "dossier.Page", "ProblemBody"} <= merged["components"]["schemas"].keys()
    for reference in references(merged):
        found = merged
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
    assert merged["paths"]["/v1/agencies"]["get"]["operationId"] == "catalog_list"
    assert merged["paths"]["/v1/dossiers"]["post"]["tags"] == ["dossier"]


async def test_only_what_the_table_shows_is_documented_with_what_it_demands(
    written: World,
) -> None:
    merged = (await written.http.get("/openapi.json")).json()

    operations = {
        (method.upper(), path_key(path)): operation
        for path, methods in merged["paths"].items()
        for method, operation in methods.items()
    }
    assert operations.keys() <= {(route.method, path_key(route.path)) for route in ROUTES}
    assert operations["GET", "/v1/agencies"]["security"] == []
    assert operations["POST", "/v1/dossiers"]["security"] == [{"messageSignature": []}]
    assert operations["POST", "/v1/confirmations/{}/proof"]["security"] == [
        {"session": []},
        {"sessionCookie": [], "csrfToken": []},
    ]
    schemes = merged["components"]["securitySchemes"].keys()
    used = {name for one in operations.values() for way in one["security"] for name in way}
    assert used <= schemes


async def test_without_documents_our_own_routes_are_still_documented(quick_world: World) -> None:
    quick_world.settings.openapi_dir = Path("nowhere")

    merged = merged_openapi(quick_world.app, quick_world.settings)

    assert "/v1/confirmations/{id}/proof" in merged["paths"]
    assert [tag["name"] for tag in merged["tags"]] == ["gateway"]


def test_merging_leaves_the_documents_as_they_were() -> None:
    before = json.dumps(CATALOG)

    merge(
        {"catalog": CATALOG},
        shown={("GET", "/v1/agencies"): Documented(security=[], refusals={404: ("not_there",)})},
        components={},
        version="1",
        origin=ORIGIN,
    )

    assert json.dumps(CATALOG) == before


async def test_the_documentation_needs_no_other_host_and_no_inline_script(
    quick_world: World,
) -> None:
    page = await quick_world.http.get("/docs")

    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.findall(r"https?://", page.text)
    assert not re.findall(r"<script(?![^>]*src=)[^>]*>|<style| on\w+=| style=", page.text)
    for asset in re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"', page.text):
        answer = await quick_world.http.get(asset)
        assert answer.status_code == 200, asset
        assert "max-age" in answer.headers["cache-control"]


async def test_a_file_that_is_not_served_is_not_found(quick_world: World) -> None:
    answer = await quick_world.http.get("/docs/assets/docs.html")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_file")
