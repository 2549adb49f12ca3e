from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

import services.receipt
from chassis.db import Database
from chassis.gathering import Gathering
from chassis.ids import SystemIds
from chassis.migrations import upgrade_async
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.signing import XmlSigner
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import BLOCK_MAX, issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from tests.receipt.samples import BODY, NOON

MIGRATIONS = Path(services.receipt.__file__).parent / "migrations"


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    var_dir = tmp_path_factory.mktemp("var")
    ensure_development_keys(var_dir, clock=FrozenClock(NOON))
    return var_dir / "keys"


@pytest.fixture(scope="session")
def signing_key(keys_dir: Path) -> FileSigner:
    return FileSigner.from_directory(keys_dir / "receipt")


@pytest.fixture(scope="session")
def sealer(keys_dir: Path) -> Sealer:
    return Sealer.from_directory(keys_dir / "sealing")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Empty, as the migrations make it."""
    await upgrade_async(database_url, MIGRATIONS)
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def new_uow(database: Database, clock: FrozenClock) -> Callable[[], SqlUnitOfWork]:
    """Transactions on a database that knows the one agency."""
    ids = SystemIds(clock)
    async with SqlUnitOfWork(database, clock=clock, ids=ids) as uow:
        await uow.collecting_bodies.save(BODY, published_at=NOON)
    return lambda: SqlUnitOfWork(database, clock=clock, ids=ids)


@pytest.fixture
def signer(signing_key: FileSigner) -> XmlReceiptSigner:
    return XmlReceiptSigner(OneSigner(signing_key))


NewTools = Callable[[XmlSigner], Tools]


@pytest.fixture
def new_tools(new_uow: Callable[[], SqlUnitOfWork], sealer: Sealer, clock: FrozenClock) -> NewTools:
    """What worker.py hands to the consumers, around this signer."""
    ids = SystemIds(clock)

    def make(signer: XmlSigner) -> Tools:
        async def issue(paid: Sequence[Paid]) -> Sequence[Sequence[Receipt]]:
            return await issue_receipts(
                paid, uow=new_uow(), signer=signer, seals=sealer, clock=clock, ids=ids
            )

        return Tools(new_uow=new_uow, issuing=Gathering(issue, at_most=BLOCK_MAX))

    return make


@pytest.fixture
def tools(new_tools: NewTools, signer: XmlReceiptSigner) -> Tools:
    return new_tools(signer)


@pytest.fixture
def settings(database_url: str, keys_dir: Path) -> ReceiptSettings:
    return ReceiptSettings(database_url=database_url, keys_dir=keys_dir)
