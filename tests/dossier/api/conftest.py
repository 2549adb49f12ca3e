from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from services.dossier.main import create_app
from services.dossier.settings import DossierSettings
from services.dossier.storage.unit_of_work import SqlUnitOfWork
from tests.dossier.samples import MORNING
from tests.dossier.storage.submitting import publish_catalog

CLIENT_SCOPES = frozenset({"dossier.submit", "dossier.read"})
PORTAL = Caller(subject="portal-demo", kind="client", client_id="portal-demo", scopes=CLIENT_SCOPES)
STRANGER = Caller(
    subject="portal-other", kind="client", client_id="portal-other", scopes=CLIENT_SCOPES
)
BARE = Caller(subject="portal-demo", kind="client", client_id="portal-demo")
PUBLIC = Caller(subject="public", kind="public")
READS = frozenset({"dossier.read"})
CITIZEN = Caller(subject="citizen", kind="user", scopes=READS)
OFFICER = Caller(
    subject="officer",
    kind="user",
    scopes=READS,
    roles=frozenset({"counter-officer"}),
    agencies=frozenset({"H19.25"}),
)
SISTER = Caller(subject="gateway", kind="service", scopes=frozenset({"dossier.read"}))


@dataclass
class Door:
    """Asks as the gateway would: with a token for exactly this request."""

    client: httpx.AsyncClient
    minter: TokenMinter
    clock: FrozenClock
    database: Database
    keys_used: int = field(default=0)

    async def get(self, path: str, *, caller: Caller = PORTAL, **query: Any) -> httpx.Response:
        return await self._send(self.client.build_request("GET", path, params=query), caller)

    async def submit(
        self, body: object, *, key: str | None = None, caller: Caller = PORTAL
    ) -> httpx.Response:
        self.keys_used += 1
        headers = {"idempotency-key": key or f"door-key-{self.keys_used:04d}"}
        request = self.client.build_request("POST", "/v1/dossiers", json=body, headers=headers)
        return await self._send(request, caller)

    def uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=SystemIds(self.clock))

    async def _send(self, request: httpx.Request, caller: Caller) -> httpx.Response:
        token = self.minter.mint(
            audience="dossier",
            method=request.method,
            target=request.url.raw_path.decode(),
            body=request.content,
            caller=caller,
        )
        request.headers["authorization"] = f"Bearer {token}"
        return await self.client.send(request)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> DossierSettings:
    keys = tmp_path / "keys"
    (keys / "internal").mkdir(parents=True)
    (keys / "sealing").mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    (keys / "internal" / "gateway.key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (keys / "internal" / "gateway.pub.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (keys / "sealing" / "2026.key").write_bytes(b64encode(b"k" * 32))
    return DossierSettings(
        database_url=database_url, keys_dir=keys, lookup_url="https://dichvucong.example.vn"
    )


@pytest.fixture
async def door(settings: DossierSettings, database: Database) -> AsyncIterator[Door]:
    await publish_catalog(database)
    clock = FrozenClock(MORNING)
    minter = TokenMinter.from_directory(
        "gateway", settings.internal_keys, clock=clock, ids=SystemIds(clock)
    )
    app = create_app(settings, database=database, clock=clock)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://dossier") as client:
        yield Door(client, minter, clock, database)
