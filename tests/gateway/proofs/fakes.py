"""The ports of confirmations in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.confirming.certificate import (
    Authority,
    BoundCertificate,
    CertifiedSignature,
    RevocationAnswer,
    Signatory,
)
from gateway.domain.confirming.confirmation import Confirmation, Status
from gateway.domain.confirming.errors import (
    AlreadyConfirmed,
    CertificateTaken,
    ConfirmationNotFound,
    RevocationUnknown,
)
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import Grant
from tests.gateway.samples import NOW, PAYER


@dataclass
class FakeConfirmations:
    confirmations: dict[UUID, Confirmation] = field(default_factory=dict)

    async def supersede_open(self, payment_intent_id: UUID, *, user_id: UUID) -> None:
        for one in list(self.confirmations.values()):
            mine = one.payment_intent_id == payment_intent_id and one.user_id == user_id
            if mine and one.status is Status.OPEN:
                self.confirmations[one.id] = one.move_to(Status.SUPERSEDED)

    async def add(self, confirmation: Confirmation) -> None:
        self.confirmations[confirmation.id] = confirmation

    async def get(self, confirmation_id: UUID) -> Confirmation:
        return await self.get_for_update(confirmation_id)

    async def get_for_update(self, confirmation_id: UUID) -> Confirmation:
        if confirmation_id not in self.confirmations:
            raise ConfirmationNotFound
        return self.confirmations[confirmation_id]

    async def is_confirmed(self, payment_intent_id: UUID, *, method: str) -> bool:
        return any(
            one.payment_intent_id == payment_intent_id
            and one.method == method
            and one.status is Status.CONFIRMED
            for one in self.confirmations.values()
        )

    async def confirmers_of(self, payment_intent_id: UUID) -> frozenset[UUID]:
        found = [
            one.user_id
            for one in self.confirmations.values()
            if one.payment_intent_id == payment_intent_id and one.status is Status.CONFIRMED
        ]
        return frozenset(found)

    async def confirm(self, confirmation: Confirmation) -> None:
        if await self.is_confirmed(confirmation.payment_intent_id, method=confirmation.method):
            raise AlreadyConfirmed
        self.confirmations[confirmation.id] = confirmation

    async def expire(self, *, overdue_at: datetime, limit: int) -> int:
        return 0


@dataclass
class FakeCertificates:
    bound: dict[str, BoundCertificate] = field(default_factory=dict)

    async def bind(self, certificate: BoundCertificate) -> None:
        known = self.bound.get(certificate.id)
        if known is not None and (known.removed_at is None or known.user_id != certificate.user_id):
            raise CertificateTaken
        self.bound[certificate.id] = certificate

    async def find(self, certificate_id: str) -> BoundCertificate | None:
        return self.bound.get(certificate_id)

    async def list_of(self, user_id: UUID) -> Sequence[BoundCertificate]:
        return [one for one in self.bound.values() if one.user_id == user_id and not one.removed_at]

    async def remove(self, certificate_id: str, *, user_id: UUID, at: datetime) -> bool:
        held = self.bound.get(certificate_id)
        if held is None or held.user_id != user_id or held.removed_at is not None:
            return False
        self.bound[certificate_id] = replace(held, removed_at=at)
        return True


class FakeSignatures:
    """Whoever signs is the certificate that the signature's text names."""

    async def check(
        self, given: CertifiedSignature, payload: bytes, *, authority: Authority, at: datetime
    ) -> Signatory:
        return Signatory(
            certificate_id=given.value,
            chain=(given.value.encode(), b"root"),
            subject=given.value,
            algorithm="ES256",
            key_class="ec-secp256r1",
            not_after=at,
        )


@dataclass
class FakeRevocation:
    known: bool = True
    asked: int = 0

    async def check(
        self, chain: Sequence[bytes], *, authority: Authority, at: datetime
    ) -> Sequence[RevocationAnswer]:
        self.asked += 1
        if not self.known:
            raise RevocationUnknown
        return []


def session_of(
    user_id: UUID = PAYER, *, acr: Acr = Acr.MFA, grants: frozenset[Grant] = frozenset()
) -> Session:
    return Session(
        id=UUID(int=5),
        family_id=UUID(int=5),
        user_id=user_id,
        token_hash="hash",
        acr=acr,
        authenticated_at=NOW,
        opened_at=NOW,
        seen_at=NOW,
        idle_until=NOW,
        expires_at=NOW,
        grants=grants,
    )
