import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier.anchors import Anchors
from services.receipt.domain.receipts.fee import Kind
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt
from tests.verifier.bundles import BundleMaker
from tests.verifier.ocsp_town import Town, founded
from tests.verifier.proving import Outsiders


@pytest.fixture(scope="session")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder, clock=FrozenClock(NOON))
    return folder


@pytest.fixture(scope="session")
def anchors(var_dir: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((var_dir / "trust" / "anchors.json").read_text("utf-8"))
    return said


@pytest.fixture(scope="session")
def signing_key(var_dir: Path) -> FileSigner:
    return FileSigner.from_directory(var_dir / "keys" / "receipt")


@pytest.fixture(scope="session")
async def xml(signing_key: FileSigner) -> bytes:
    return await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), PAYER, at=NOON)


@pytest.fixture(scope="session")
async def pdf(signing_key: FileSigner, xml: bytes) -> bytes:
    return await page_of(signing_key, Kind.LE_PHI, xml)


@pytest.fixture(scope="session")
async def bundles(var_dir: Path, signing_key: FileSigner, xml: bytes, pdf: bytes) -> BundleMaker:
    """Of a payment with both kinds of receipt."""
    other = receipt(kind=Kind.PHI, number=16)
    other_xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(other, PAYER, at=NOON)
    receipts = {"receipts/16.xml": other_xml, "receipts/17.xml": xml, "receipts/17.pdf": pdf}
    return BundleMaker(var_dir / "keys", receipts)


async def page_of(signing_key: FileSigner, kind: Kind, xml: bytes) -> bytes:
    issued = receipt(kind=kind).issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(signing_key),
        lookup_page="https://phi.example.vn/tra-cuu",
        clock=FrozenClock(NOON),
    )
    return await signer.sign(issued, PAYER, xml=xml)


@pytest.fixture
def outsiders(var_dir: Path, tmp_path: Path) -> Outsiders:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    return Outsiders(tmp_path / "keys", FrozenClock(NOON))


@pytest.fixture
def trusted(outsiders: Outsiders) -> Anchors:
    return Anchors.of(outsiders.keys_dir.parent / "trust" / "anchors.json")


@pytest.fixture
def town(outsiders: Outsiders) -> Iterator[Town]:
    with founded(outsiders) as made:
        yield made
