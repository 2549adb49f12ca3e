from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from chassis.auth import Caller, TokenMinter
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from services.catalog.main import create_app, load_file
from services.catalog.settings import CatalogSettings

CLOCK = FrozenClock()
ANYBODY = Caller(subject="public", kind="public")


@dataclass(frozen=True)
class Door:
    """Asks as the gateway would: with a token for exactly this request."""

    client: httpx.AsyncClient
    minter: TokenMinter

    async def get(self, path: str, **query: str | int) -> httpx.Response:
        request = self.client.build_request("GET", path, params=query or None)
        token = self.minter.mint(
            audience="catalog",
            method="GET",
            target=request.url.raw_path.decode(),
            body=b"",
            caller=ANYBODY,
        )
        request.headers["authorization"] = f"Bearer {token}"
        return await self.client.send(request)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> CatalogSettings:
    keys = tmp_path / "keys" / "internal"
    keys.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    (keys / "gateway.key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (keys / "gateway.pub.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return CatalogSettings(database_url=database_url, keys_dir=tmp_path / "keys")


@pytest.fixture
async def door(settings: CatalogSettings, database: Database) -> AsyncIterator[Door]:
    """The API over the sample catalogue."""
    await load_file(settings, database=database, clock=CLOCK)
    minter = TokenMinter.from_directory(
        "gateway", settings.keys_dir / "internal", clock=CLOCK, ids=SystemIds()
    )
    app = create_app(settings, database=database, clock=CLOCK)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog") as client:
        yield Door(client, minter)
