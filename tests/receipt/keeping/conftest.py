from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from chassis.db import Database
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.ports.keeping import Vault
from services.receipt.providers.vaults.files import FileVault
from services.receipt.providers.vaults.s3 import Bucket, S3Vault
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from tests.receipt.keeping.house import House
from tests.receipt.keeping.s3_store import BUCKET, REGION, Store, running_store


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    with running_store() as opened:
        yield opened


@pytest.fixture
def bucket(store: Store) -> Bucket:
    """A part of it that no other test has."""
    return Bucket(
        name=BUCKET,
        prefix=f"lephi/{uuid4().hex}",
        endpoint=store.endpoint,
        region=REGION,
        access_key=store.access_key,
        secret=store.secret,
    )


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as opened:
        yield opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    root.mkdir()
    return root


@pytest.fixture(params=["files", "s3"])
def vault(request: pytest.FixtureRequest, root: Path, client: httpx.AsyncClient) -> Vault:
    """Each kind of vault, empty."""
    if request.param == "files":
        return FileVault(root)
    return S3Vault(request.getfixturevalue("bucket"), client=client)


@pytest.fixture
def house(
    database: Database,
    new_uow: Callable[[], SqlUnitOfWork],
    signer: XmlReceiptSigner,
    sealer: Sealer,
    clock: FrozenClock,
    root: Path,
) -> House:
    return House(
        database=database,
        new_uow=new_uow,
        signer=signer,
        seals=sealer,
        clock=clock,
        root=root,
        vault=FileVault(root),
    )
