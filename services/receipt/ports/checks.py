"""What a check needs besides the receipts themselves."""

from collections.abc import Sequence
from typing import Protocol

from services.receipt.domain.checks.linked_receipt import LinkedReceipt
from services.receipt.domain.checks.verdict import Signatures
from services.receipt.domain.receipts.receipt import Form, Receipt


class DocumentChecker(Protocol):
    """A verifier that is not ours to write: it takes nothing for true because we say so."""

    async def check(self, document: bytes, *, form: Form) -> Signatures:
        """Within bounds of time and memory; raises ChecksAreBusy. Keeps nothing of the file."""


class SignatureHolders(Protocol):
    def holder_of(self, document: bytes) -> str | None:
        """Whom the certificate in a signed original names. Nothing is verified by this."""


class Checks(Protocol):
    async def find_by_sha256(self, sha256: str) -> Receipt | None:
        """The receipt of which these very bytes are the XML or the PDF."""

    async def list_linked(self, receipt: Receipt) -> Sequence[LinkedReceipt]:
        """What it corrects, and what corrects it, oldest first."""
