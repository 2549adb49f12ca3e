import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from chassis.db import Database
from gateway.settings import GatewaySettings
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.schemes.recorded_notices import JUDGED, clock, recorded
from tests.gateway.world import ORIGIN, World, make_world, settings_for

NETWORK = "203.0.113.0/24"
INSIDE = "203.0.113.7"
KEY_OF_NOBODY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a key of nobody").digest())


@dataclass
class Street:
    """A gateway with a provider for each scheme, `pay-<scheme>`, and callers at any address."""

    world: World

    async def send(
        self,
        scheme: str,
        *,
        provider: str = "",
        source: str = INSIDE,
        query: str | None = None,
        **changes: Any,
    ) -> httpx.Response:
        parts = recorded(scheme).parts
        asked = parts.query if query is None else query
        return await self.request(
            changes.get("method", parts.method),
            provider or f"pay-{scheme}",
            query=asked,
            body=changes.get("body", parts.body),
            headers=changes.get("headers", parts.headers),
            source=source,
        )

    async def request(
        self, method: str, provider: str, *, source: str = INSIDE, query: str = "", **sent: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.world.app, client=(source, 4711))
        target = f"{ORIGIN}/v1/provider-notifications/{provider}" + (query and f"?{query}")
        async with httpx.AsyncClient(transport=transport) as http:
            return await http.request(
                method, target, content=sent.get("body", b""), headers=list(sent.get("headers", ()))
            )

    async def evidence(self) -> list[Any]:
        async with self.world.database.read() as connection:
            asked = select(EVIDENCE).order_by(EVIDENCE.c.recorded_at, EVIDENCE.c.id)
            return list((await connection.execute(asked)).all())


def register(settings: GatewaySettings, provider: str, **said: Any) -> None:
    folder = settings.keys_dir / "providers"
    folder.mkdir(exist_ok=True)
    file = folder / f"{provider}.json"
    file.write_text(json.dumps(said))
    file.chmod(0o600)


OpenStreet = Callable[..., Awaitable[Street]]


@pytest.fixture
async def open_street(tmp_path: Path, var_dir: Path, empty_file: Path) -> AsyncIterator[OpenStreet]:
    """Opens gateways on SQLite; `files` are registrations beside those of every scheme."""
    opened: list[tuple[World, Database]] = []

    async def open_one(files: dict[str, dict[str, Any]] | None = None, **more: Any) -> Street:
        place = tmp_path / str(len(opened))
        settings_for("sqlite+aiosqlite://", var_dir)
        shutil.copytree(var_dir, place)
        file = place / "gateway.sqlite"
        shutil.copy(empty_file, file)
        settings = settings_for(f"sqlite+aiosqlite:///{file}", place, **more)
        public = KEY_OF_NOBODY.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        (settings.keys_dir / "clients" / "bank-pay-jws.pub.pem").write_bytes(public)
        register(settings, "pay-jws", scheme="jws", client_id="bank-pay-jws")
        for scheme in JUDGED:
            if scheme != "jws":
                secrets = dict(recorded(scheme).material.secrets)
                said = {"scheme": scheme, "client_id": f"bank-pay-{scheme}", "secrets": secrets}
                register(settings, f"pay-{scheme}", networks=[NETWORK], **said)
        for name, said in (files or {}).items():
            register(settings, name, **said)
        database = Database.open(settings.database_url)
        world = await make_world(settings, database, clock=clock())
        opened.append((world, database))
        return Street(world)

    yield open_one
    for world, database in opened:
        await world.http.aclose()
        await database.close()


@pytest.fixture
async def street(open_street: OpenStreet) -> Street:
    return await open_street()
