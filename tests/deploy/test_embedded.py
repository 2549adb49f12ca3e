"""The platform in one process: same applications, same workers, joined in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from deploy.commands.houses import HOUSES
from deploy.development_keys import ensure_development_keys
from deploy.embedded import Embedded, create_embedded
from tests.waiting import until

ORIGIN = "http://gateway.test"


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Embedded]:
    made = create_embedded(var_dir=tmp_path_factory.mktemp("var"), public_origin=ORIGIN)
    async with made.running():
        yield made


@pytest.fixture
async def client(platform: Embedded) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=platform.gateway)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def test_the_gateway_reaches_every_service_without_a_network(
    client: httpx.AsyncClient,
) -> None:
    procedures = await client.get("/v1/procedures")

    assert procedures.status_code == 200
    assert procedures.json()["items"]


async def test_what_needs_a_signature_is_refused_without_one(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/dossiers", json={})).status_code == 401


async def test_the_documentation_shows_every_service(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    assert {tag["name"] for tag in document["tags"]} == set(HOUSES)
    assert document["servers"] == [{"url": ORIGIN}]


async def test_what_the_catalogue_published_at_the_start_was_heard_by_all(
    platform: Embedded,
) -> None:
    await until(lambda: count(platform, "catalog", "outbox"), is_now=0)

    for house in ("dossier", "receipt"):
        assert await count(platform, house, "inbox") > 0, house
    assert not (platform.settings["gateway"].var_dir / "dead-letters").exists()


async def test_a_second_start_on_the_same_folder_finds_everything_as_it_was(
    tmp_path: Path,
) -> None:
    heard = []
    for _ in range(2):
        made = create_embedded(var_dir=tmp_path, public_origin=ORIGIN)
        async with made.running():
            heard.append(await settled(made))

    assert heard[0] == heard[1] > 0


async def settled(platform: Embedded) -> int:
    """How much the dossier service has heard, once the catalogue has nothing more to say."""
    await until(lambda: count(platform, "catalog", "outbox"), is_now=0)
    return await count(platform, "dossier", "inbox")


async def count(platform: Embedded, house: str, table: str) -> int:
    async with platform.databases[house].read() as connection:
        found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
        return int(found.scalar_one())


def test_two_platforms_that_share_keys_keep_what_they_sign_apart(tmp_path: Path) -> None:
    ensure_development_keys(tmp_path)

    vaults = {
        create_embedded(var_dir=tmp_path / name, keys_dir=tmp_path / "keys", public_origin=ORIGIN)
        .settings["receipt"]
        .vault_address
        for name in ("one", "two")
    }

    assert vaults == {(tmp_path / name / "vault").as_uri() for name in ("one", "two")}
