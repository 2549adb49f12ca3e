"""Keys, a migrated database, a mail server and a receiver of webhooks, all on this machine."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from chassis.db import Database
from chassis.migrations import upgrade_async
from tests.internal_keys import write_internal_keys
from tests.notification.mail_server import MailServerDouble
from tests.notification.receiver import Receiver

MIGRATIONS = Path(__file__).parents[2] / "services" / "notification" / "migrations"


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("sealing", "notification"):
        (folder / name).mkdir()
    write_internal_keys(folder)
    (folder / "sealing" / "test.key").write_bytes(b64encode(bytes(range(32))))
    (folder / "notification" / "webhook.key.pem").write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    return folder


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await upgrade_async(database_url, MIGRATIONS)
    opened = Database.open(database_url, pool_size=4)
    yield opened
    await opened.close()


@pytest.fixture
def mail_server() -> Iterator[MailServerDouble]:
    with MailServerDouble() as server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as listening:
        yield listening
    # Connections that a test broke off get their turn to close.
    await asyncio.sleep(0)
