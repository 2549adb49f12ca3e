from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

import services.payment
from chassis.db import Database
from chassis.migrations import upgrade_async
from tests.internal_keys import write_internal_keys

MIGRATIONS = Path(services.payment.__file__).parent / "migrations"


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The houses' keys, and the sandbox bank's registered key."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("clients/bank-sandbox", "clients/bank-echeque"):
        (folder / name).parent.mkdir(exist_ok=True)
        key = generate_private_key(SECP256R1())
        (folder / f"{name}.key.pem").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / f"{name}.pub.pem").write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
    write_internal_keys(folder)
    (folder / "sealing").mkdir()
    (folder / "sealing" / "2026.key").write_bytes(b64encode(bytes(range(32))))
    return folder


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The payment service's tables, empty, on SQLite and on PostgreSQL."""
    async for opened in _migrated(database_url):
        yield opened


@pytest.fixture
async def postgresql(postgresql_url: str) -> AsyncIterator[Database]:
    """The same on PostgreSQL alone, for what only rows locked by others show."""
    async for opened in _migrated(postgresql_url):
        yield opened


async def _migrated(url: str) -> AsyncIterator[Database]:
    await upgrade_async(url, MIGRATIONS)
    opened = Database.open(url)
    yield opened
    await opened.close()
