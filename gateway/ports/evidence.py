from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from gateway.domain.evidence.record import Evidence, EvidenceLink


class EvidenceLog(Protocol):
    """Append-only."""

    async def add(self, evidence: Evidence) -> None:
        """With its entry in the audit log, in the same transaction."""

    async def link(self, link: EvidenceLink) -> None:
        """Say what a recorded request was about; a repeat changes nothing."""

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Evidence]:
        """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocuments:
    name: str
    xml: bytes
    pdf: bytes


class Receipts(Protocol):
    async def list_documents(self, payment_intent_id: UUID) -> Sequence[ReceiptDocuments]:
        """Of every issued receipt of a payment; raises UpstreamUnavailable."""


class BundleSigner(Protocol):
    def sign(self, manifest: bytes) -> str:
        """A compact JWS over these bytes."""
