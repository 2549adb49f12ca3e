"""One person's agreement to exactly one fee: opened by us, given by their signature."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from gateway.domain.confirming.errors import (
    ConfirmationExpired,
    ConfirmationSuperseded,
    ConfirmationUsed,
)
from gateway.domain.confirming.proof import ProofKind, ProverRole
from gateway.domain.errors import IllegalTransition

CONFIRMATION_LIFETIME: Final = timedelta(minutes=5)


class Status(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


ALLOWED: Final[Mapping[Status, frozenset[Status]]] = {
    Status.OPEN: frozenset({Status.CONFIRMED, Status.SUPERSEDED, Status.EXPIRED}),
    Status.CONFIRMED: frozenset(),
    Status.SUPERSEDED: frozenset(),
    Status.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationProof:
    """That it was given, and how. What proves it stands in the evidence.

    `fingerprint` is the SHA-256 (hex) of the proof as handed in, by which a repeat is known.
    """

    kind: ProofKind
    fingerprint: str
    assurance: str
    evidence_id: UUID
    confirmed_at: datetime
    device_key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    id: UUID
    payment_intent_id: UUID
    user_id: UUID
    amount: Money
    method: str
    intent_bytes: bytes
    shown_text: str
    opened_at: datetime
    expires_at: datetime
    role: ProverRole = ProverRole.PAYER
    status: Status = Status.OPEN
    proof: ConfirmationProof | None = None

    def move_to(self, status: Status) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(
                f"Confirmation {self.id}", current=self.status, wanted=status.value
            )
        return replace(self, status=status)

    def require_open(self, now: datetime) -> None:
        """Say which of the three ends it has met, if any."""
        if self.status is Status.CONFIRMED:
            raise ConfirmationUsed
        if self.status is Status.SUPERSEDED:
            raise ConfirmationSuperseded
        if self.status is Status.EXPIRED or now >= self.expires_at:
            raise ConfirmationExpired

    def confirm(self, proof: ConfirmationProof) -> Self:
        return replace(self.move_to(Status.CONFIRMED), proof=proof)
