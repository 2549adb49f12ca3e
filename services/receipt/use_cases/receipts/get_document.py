"""The files of a receipt. The PDF is made when first asked for, once."""

from chassis.canonical import sha256_hex
from chassis.ports import SealingPort
from services.receipt.domain.errors import ReceiptNotIssuedYet
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, Payer
from services.receipt.domain.receipts.receipt import Document, Form, Receipt
from services.receipt.ports.receipts import Archive
from services.receipt.ports.signing import PdfSigner
from services.receipt.ports.unit_of_work import UnitOfWork


async def get_xml(receipt: Receipt, *, archive: Archive) -> Document:
    receipt.require_issued()
    document = await archive.find_document(receipt.id, Form.XML)
    if document is None:
        raise ReceiptNotIssuedYet
    return document


async def get_pdf(
    receipt: Receipt,
    *,
    archive: Archive,
    uow: UnitOfWork,
    signer: PdfSigner,
    seals: SealingPort,
) -> Document:
    """The one PDF of this receipt: whoever stores first has made it, and all get those bytes."""
    stored = await archive.find_document(receipt.id, Form.PDF)
    if stored is not None:
        return stored
    original = await get_xml(receipt, archive=archive)
    payer = Payer.of(seals.unseal(receipt.payer_sealed, purpose=PAYER_PURPOSE))
    body = await signer.sign(receipt, payer, xml=original.body)
    made = Document(receipt_id=receipt.id, form=Form.PDF, body=body, sha256=sha256_hex(body))
    async with uow:
        new = await uow.documents.add_new([made])
        await uow.receipts.save_rendered(receipt.id)
    if receipt.id in new:
        return made
    return await archive.find_document(receipt.id, Form.PDF) or made
