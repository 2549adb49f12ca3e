import shutil
from pathlib import Path

import pytest

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt

LOOKUP_PAGE = "https://phi.example.vn/v1/receipt-lookups"


def program(name: str) -> str:
    """The tests of signatures are worth nothing without a second opinion."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is not installed; `python -m deploy.system_tools`", pytrace=False)
    return path


@pytest.fixture(scope="session")
async def xml(signing_key: FileSigner) -> bytes:
    return await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), PAYER, at=NOON)


@pytest.fixture(scope="session")
async def pdf(signing_key: FileSigner, xml: bytes) -> bytes:
    issued = receipt().issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    )
    return await signer.sign(issued, PAYER, xml=xml)


@pytest.fixture
def pdf_file(pdf: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(pdf)
    return path
