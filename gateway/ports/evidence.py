from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.domain.evidence.record import Evidence, EvidenceLink
from gateway.domain.evidence.stamp import CheckpointStamp, TimeStamp


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


class CheckpointStamps(Protocol):
    """Append-only."""

    async def add(self, stamp: CheckpointStamp) -> None:
        """A second one over the same checkpoint changes nothing."""

    async def latest(self) -> CheckpointStamp | None: ...

    async def find_over(self, index: int) -> CheckpointStamp | None:
        """Of the smallest stamped checkpoint that covers this leaf."""


class StampChecks(Protocol):
    def check(self, token: bytes, *, imprint: bytes, nonce: int) -> datetime:
        """When it was stamped, by somebody we trust; raises TimeStampUnavailable."""


class TimeStamps(Protocol):
    async def stamp(self, content: bytes) -> TimeStamp:
        """Over these bytes, checked in full; raises TimeStampUnavailable."""


class StampGauges(Protocol):
    """How the operators see that checkpoints are stamped."""

    def stamped(self, stamp: CheckpointStamp) -> None: ...

    def failed(self, reason: str) -> None: ...
