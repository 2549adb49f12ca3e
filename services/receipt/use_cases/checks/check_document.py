"""Judge a file that somebody brought: its bytes, its signatures, and how the receipt stands now."""

from chassis.canonical import sha256_hex
from services.receipt.domain.checks.errors import NeitherXmlNorPdf
from services.receipt.domain.checks.verdict import NOT_JUDGED, FileVerdict, Origin
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.checks import Checks, DocumentChecker

MAGIC = {b"<?xml": Form.XML, b"%PDF-": Form.PDF}


async def check_document(
    document: bytes, *, checks: Checks, checker: DocumentChecker | None
) -> FileVerdict:
    """Told by its first bytes, whatever it is called. Nothing of the file is kept."""
    form = next((form for magic, form in MAGIC.items() if document.startswith(magic)), None)
    if form is None:
        raise NeitherXmlNorPdf
    sha256 = sha256_hex(document)
    receipt = await checks.find_by_sha256(sha256)
    # What an outside issuer signed has a form of its own, of which our verifier knows nothing.
    foreign = receipt is not None and receipt.issuer is not None
    signatures = (
        NOT_JUDGED if checker is None or foreign else await checker.check(document, form=form)
    )
    if receipt is not None:
        origin = Origin.ISSUED
    else:
        origin = Origin.SIGNED if signatures.valid else Origin.UNKNOWN
    return FileVerdict(
        form=form, sha256=sha256, origin=origin, signatures=signatures, receipt=receipt
    )
