"""Who signs for a collecting body, and what is made of their signature."""

from datetime import datetime
from typing import Protocol

from services.receipt.domain.receipts.fee import Payer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.signing.identity import SigningIdentity


class Signer(Protocol):
    """A key that we may use but need not hold: in a file, in a token, at a licensed authority."""

    @property
    def identity(self) -> SigningIdentity: ...

    async def sign(self, content: bytes) -> bytes:
        """The signature over SHA-256 of the content: ECDSA in DER, or RSA PKCS #1 v1.5.

        Raises SignerUnavailable when there is none now; asking again later is right.
        """


class Signers(Protocol):
    async def of(self, agency_code: str) -> Signer:
        """Who signs for this collecting body now; raises SignerUnavailable when nobody can."""


class XmlSigner(Protocol):
    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        """The original: the receipt as XML with the collecting body's signature inside."""


class PdfSigner(Protocol):
    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        """What people look at and print: shows the XML, carries it, and is signed as well."""
