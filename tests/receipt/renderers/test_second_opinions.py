"""Programs of others, on the schema and on the page: xmllint's library, qpdf, two processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from services.receipt.domain.receipts.fee import Kind, Payer
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.renderers.conftest import program
from tests.receipt.samples import NOON, PAYER, line, receipt

SCHEMA = Path(__file__).parents[3] / "contracts" / "receipt" / "bien-lai-1.xsd"
DRAWN_AND_DIGESTED = """
import hashlib
from chassis.testing import FrozenClock
from tests.receipt.samples import PAYER, receipt, NOON
from services.receipt.renderers import receipt_pdf
maker = receipt_pdf.PdfReceiptSigner(None, lookup_page="https://x.vn", clock=FrozenClock(NOON))
data = maker._data(receipt(issued=True), PAYER, holder="Sở Tư pháp")
print(hashlib.sha256(receipt_pdf._set(data, b"<a/>")).hexdigest())
"""


def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("payer", [PAYER, Payer(full_name="An")], ids=["whole", "bare"])
async def test_every_kind_of_receipt_is_of_the_published_shape(
    signing_key: FileSigner, kind: Kind, payer: Payer
) -> None:
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(kind=kind), payer, at=NOON)

    schema().assertValid(etree.fromstring(xml))


@pytest.mark.parametrize(
    "tag",
    [
        "TBLai",
        "KHMSCTu",
        "KHCTu",
        "SCTu",
        "NLap",
        "HTTToan",
        "MST",
        "NThu",
        "TgTTTBSo",
        "TgTTTBChu",
        "NNop",
        "KThu",
        "DChi",
        "DSCKS",
    ],
)
def test_what_the_law_wants_is_mandatory_in_the_shape(xml: bytes, tag: str) -> None:
    root = etree.fromstring(xml)
    found = root.find(f".//{{urn:lephi:bien-lai:1}}{tag}")
    assert found is not None
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)

    assert not schema().validate(root)


@pytest.mark.integration
def test_qpdf_finds_nothing_wrong_with_the_file(pdf_file: Path) -> None:
    done = subprocess.run(
        [program("qpdf"), "--check", pdf_file], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout


@pytest.mark.integration
def test_the_same_page_comes_out_of_any_process() -> None:
    """Before it is signed: other hash seeds, other zones, another language."""

    def drawn(seed: str, zone: str, language: str) -> str:
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": language, "PATH": "/usr/bin"}
        command = [sys.executable, "-c", DRAWN_AND_DIGESTED]
        root = SCHEMA.parents[2]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=root, env=environment
        )
        return done.stdout.strip()

    one = drawn("1", "UTC", "C")
    assert len(one) == 64
    assert drawn("2", "Asia/Ho_Chi_Minh", "C.UTF-8") == one


async def test_lines_of_any_length_are_of_the_shape(signing_key: FileSigner) -> None:
    many = receipt(*(line("phi", 5, f"Khoản {n} " * 20) for n in range(60)), kind=Kind.PHI)

    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(many, PAYER, at=NOON)

    schema().assertValid(etree.fromstring(xml))
