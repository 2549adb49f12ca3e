"""xmlsec1, pdfsig and pyHanko on what a signer made, each trusting the root alone."""

import asyncio
import subprocess
from io import BytesIO
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.file_signer import OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.renderers.conftest import LOOKUP_PAGE, program
from tests.receipt.renderers.test_receipt_xml import xmlsec1_accepts
from tests.receipt.samples import NOON, PAYER, receipt
from tests.receipt.signers.pki import pem


async def made_by(signer: Signer) -> tuple[bytes, bytes]:
    """The XML and the PDF of a receipt."""
    signers = OneSigner(signer)
    xml = await XmlReceiptSigner(signers).sign(receipt(), PAYER, at=NOON)
    issued = receipt().issue(at=NOON, xml_sha256=sha256_hex(xml))
    pages = PdfReceiptSigner(signers, lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON))
    return xml, await pages.sign(issued, PAYER, xml=xml)


async def opinions(xml: bytes, pdf: bytes, root: x509.Certificate, folder: Path) -> dict[str, bool]:
    """Who accepts it; nothing is told to any of them but the root."""
    trusted = folder / "root.pem"
    trusted.write_bytes(pem(root))
    (folder / "of.xml").write_bytes(xml)
    (folder / "of.pdf").write_bytes(pdf)
    return {
        "xmlsec1": await asyncio.to_thread(xmlsec1_accepts, folder / "of.xml", trusted),
        "pdfsig": await asyncio.to_thread(_pdfsig_accepts, folder / "of.pdf", trusted),
        "pyhanko": await _pyhanko_accepts(pdf, root),
    }


def _pdfsig_accepts(pdf: Path, trusted: Path) -> bool:
    store = pdf.parent / "nss"
    store.mkdir(exist_ok=True)
    _run("certutil", "-N", "-d", store, "--empty-password")
    _run("certutil", "-A", "-d", store, "-n", "ca", "-t", "CT,C,C", "-i", trusted)
    said = _run("pdfsig", "-nssdir", store, pdf)
    wanted = ("Signature is Valid.", "Total document signed", "Certificate is Trusted.")
    return all(one in said for one in wanted)


async def _pyhanko_accepts(pdf: bytes, root: x509.Certificate) -> bool:
    (embedded,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    anchor = asn1_x509.Certificate.load(root.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[anchor], allow_fetching=False, moment=NOON)
    status = await async_validate_pdf_signature(embedded, context)
    return bool(status.bottom_line)


def _run(name: str, *arguments: object) -> str:
    command = [program(name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr
