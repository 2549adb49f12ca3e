"""Second half of issuing: sign outside every lock, then store, then announce."""

from collections.abc import Sequence

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.ports import SealingPort
from services.receipt.domain.events import ReceiptIssuedV1
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, Payer
from services.receipt.domain.receipts.receipt import Document, Form, Receipt, Status
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork


async def sign_receipts(
    receipts: Sequence[Receipt],
    *,
    uow: UnitOfWork,
    signer: XmlSigner,
    seals: SealingPort,
    clock: Clock,
) -> None:
    """Issue those that are still only numbered. Running twice, or beside another, is harmless:
    whoever stores first has issued the receipt, and the other's bytes are dropped."""
    signed: list[tuple[Receipt, bytes]] = []
    for receipt in receipts:
        if receipt.status is Status.NUMBERED:
            payer = Payer.of(seals.unseal(receipt.fee.payer_sealed, purpose=PAYER_PURPOSE))
            at = clock.now()
            xml = await signer.sign(receipt, payer, at=at)
            signed.append((receipt.issue(at=at, xml_sha256=sha256_hex(xml)), xml))
    if not signed:
        return
    async with uow:
        for issued, xml in signed:
            if await uow.receipts.save_issued(issued):
                await uow.documents.add_once(
                    Document(receipt_id=issued.id, form=Form.XML, body=xml, sha256=sha256_hex(xml))
                )
                await uow.outbox.add(ReceiptIssuedV1.of(issued), subject=str(issued.id))
