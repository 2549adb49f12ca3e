from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.domain.confirming.certificate import (
    Authority,
    BoundCertificate,
    CertifiedSignature,
    RevocationAnswer,
    Signatory,
)
from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.fee_intent import PayableFee


class Confirmations(Protocol):
    async def supersede_open(self, payment_intent_id: UUID, *, user_id: UUID) -> None: ...

    async def add(self, confirmation: Confirmation) -> None: ...

    async def get(self, confirmation_id: UUID) -> Confirmation:
        """Raises ConfirmationNotFound."""

    async def get_for_update(self, confirmation_id: UUID) -> Confirmation:
        """Raises ConfirmationNotFound."""

    async def is_confirmed(self, payment_intent_id: UUID, *, method: str) -> bool:
        """Whether somebody has agreed to pay it this way."""

    async def confirmers_of(self, payment_intent_id: UUID) -> frozenset[UUID]:
        """Whose confirmations the payment has: one for each way to pay at most."""

    async def confirm(self, confirmation: Confirmation) -> None:
        """Only out of `open`; raises AlreadyConfirmed when this way to pay has one."""

    async def expire(self, *, overdue_at: datetime, limit: int) -> int: ...


class Certificates(Protocol):
    async def bind(self, certificate: BoundCertificate) -> None:
        """Raises CertificateTaken; one that its account had removed is taken up again."""

    async def find(self, certificate_id: str) -> BoundCertificate | None: ...

    async def list_of(self, user_id: UUID) -> Sequence[BoundCertificate]:
        """Those not removed, at most CERTIFICATES_MAX, oldest first."""

    async def remove(self, certificate_id: str, *, user_id: UUID, at: datetime) -> bool:
        """True for one caller only."""


class CertificateSignatures(Protocol):
    async def check(
        self, given: CertifiedSignature, payload: bytes, *, authority: Authority, at: datetime
    ) -> Signatory:
        """Signature, path to a configured root, validity and purpose, but not revocation.

        Raises ProofMalformed, ProofRefused or CertificateRefused.
        """


class RevocationChecks(Protocol):
    async def check(
        self, chain: Sequence[bytes], *, authority: Authority, at: datetime
    ) -> Sequence[RevocationAnswer]:
        """One fresh answer for each certificate of a checked path but its root.

        Raises CertificateRevoked, and RevocationUnknown where nobody answers.
        """


class ShownTexts(Protocol):
    def render(self, intent: Mapping[str, Any]) -> str:
        """What the payer reads before signing, in the words of the intent's template."""


class Payments(Protocol):
    async def get_fee(self, payment_intent_id: UUID) -> PayableFee:
        """Raises PaymentNotFound or UpstreamUnavailable."""

    async def confirm(self, confirmation: Confirmation) -> Mapping[str, Any]:
        """The payment as it now is; raises PaymentRefused or UpstreamUnavailable."""
