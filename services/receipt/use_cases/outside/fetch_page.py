"""What people look at and print of an outside receipt is the issuer's own page."""

from collections.abc import Callable

from services.receipt.domain.outside.errors import IssuerNotConfigured, OutsideDocumentMissing
from services.receipt.domain.receipts.fee import Payer
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.ports.outside import Issuers
from services.receipt.ports.signing import PdfSigner
from services.receipt.ports.unit_of_work import UnitOfWork


class PagesOfAll:
    """A PdfSigner: our own receipts get our page, others' receipts their issuer's, as it came."""

    def __init__(
        self, own: PdfSigner, *, issuers: Issuers, open_uow: Callable[[], UnitOfWork]
    ) -> None:
        self._own = own
        self._issuers = issuers
        self._open_uow = open_uow

    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        if receipt.issuer is None:
            return await self._own.sign(receipt, payer, xml=xml)
        issuer = self._issuers.get(receipt.issuer)
        if issuer is None:
            raise IssuerNotConfigured(receipt.issuer)
        async with self._open_uow() as uow:
            issue = await uow.outside.find_of_receipt(receipt.id)
        page = None
        if issue is not None and issue.told is not None:
            page = await issuer.fetch(
                issue.key, issue.told, Form.PDF, issued_at=receipt.numbered_at
            )
        if page is None:
            raise OutsideDocumentMissing(receipt.issuer)
        return page.body
