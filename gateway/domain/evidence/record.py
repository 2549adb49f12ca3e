"""What is written down before anything takes effect, and never changed afterwards."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from chassis.canonical import canonical_json, sha256_hex
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof
from gateway.domain.confirming.fee_intent import read_intent
from gateway.domain.confirming.proof import PROOF_RULES, Proven
from gateway.domain.machines.signed_request import Arrival, SignedRequest
from gateway.domain.people.account import Session


class EvidenceKind(StrEnum):
    CLIENT_REQUEST = "client-request"
    DOSSIER_SUBMISSION = "dossier-submission"
    # By it a bill is collected: its biller signed for it, and no payer need confirm.
    BILLER_REQUEST = "biller-request"
    PROVIDER_NOTIFICATION = "provider-notification"
    CONFIRMATION = "confirmation"
    PERSON_REQUEST = "person-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`body` is what was signed about: the raw request body, or the canonical intent."""

    id: UUID
    kind: EvidenceKind
    recorded_at: datetime
    record: Mapping[str, Any]
    body: bytes
    client_id: str | None = None
    payment_intent_id: UUID | None = None
    signature_base: bytes | None = None
    shown_text: str | None = None

    @property
    def digest(self) -> str:
        """What the audit log holds of it: SHA-256, in hex, over these facts in JCS (RFC 8785).

        `recorded_at` is ISO 8601 in UTC with `+00:00`; a part that is not there is null.
        """
        shown = None if self.shown_text is None else self.shown_text.encode()
        facts = {
            "id": str(self.id),
            "kind": self.kind.value,
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(),
            "record": dict(self.record),
            "body_sha256": sha256_hex(self.body),
            "signature_base_sha256": _digest_of(self.signature_base),
            "shown_sha256": _digest_of(shown),
        }
        return sha256_hex(canonical_json(facts))

    @property
    def actor(self) -> str:
        """Whose words they are: a machine's, a person's, or the gateway's own."""
        if self.client_id is not None:
            return f"client:{self.client_id}"
        user_id = self.record.get("user_id")
        return f"user:{user_id}" if user_id else "gateway:self"

    def audit_entry(self) -> AuditEntry:
        """Every evidence is noted once, so that none can be taken away or exchanged unseen."""
        return AuditEntry(
            action="evidence.recorded",
            actor=self.actor,
            subject=f"evidence:{self.id}",
            details={"kind": self.kind.value, "sha256": self.digest},
        )

    @classmethod
    def of_request(
        cls, request: SignedRequest, *, id: UUID, kind: EvidenceKind, arrival: Arrival
    ) -> Self:
        record = {
            "client_id": request.client.id,
            "key_id": request.key.id,
            "algorithm": request.key.algorithm.value,
            "public_jwk": dict(request.key.public_jwk),
            "signature": b64encode(request.signature).decode(),
            "received_at": arrival.received_at.isoformat(),
            "method": arrival.method,
            "target_uri": request.target_uri,
            "headers": dict(request.covered_headers),
        }
        return cls(
            id=id,
            kind=kind,
            recorded_at=arrival.received_at,
            record=record,
            body=arrival.body,
            client_id=request.client.id,
            signature_base=request.signature_base,
        )

    @classmethod
    def of_person(cls, session: Session, *, id: UUID, arrival: Arrival) -> Self:
        """What somebody on duty, or a payer, asked for in a session: who, how sure, and the very
        request. A session signs nothing; what must be signed for has a proof of its own."""
        record = {
            "user_id": str(session.user_id),
            "session_id": str(session.id),
            "assurance": session.acr.value,
            "roles": sorted(f"{one.role.value}@{one.agency}" for one in session.grants),
            "received_at": arrival.received_at.isoformat(),
            "method": arrival.method,
            "target": arrival.target,
        }
        return cls(
            id=id,
            kind=EvidenceKind.PERSON_REQUEST,
            recorded_at=arrival.received_at,
            record=record,
            body=arrival.body,
        )

    @classmethod
    def of_confirmation(
        cls, confirmation: Confirmation, proof: ConfirmationProof, proven: Proven
    ) -> Self:
        record = {
            **proven.material,
            "kind": proof.kind.value,
            "factors": [factor.describe() for factor in proven.factors],
            "display": PROOF_RULES[proof.kind].display.value,
            "template": read_intent(confirmation.intent_bytes)["tpl"],
            "confirmation_id": str(confirmation.id),
            "user_id": str(confirmation.user_id),
            "shown_sha256": sha256_hex(confirmation.shown_text.encode()),
            "confirmed_at": proof.confirmed_at.isoformat(),
            "assurance": proof.assurance,
        }
        return cls(
            id=proof.evidence_id,
            kind=EvidenceKind.CONFIRMATION,
            recorded_at=proof.confirmed_at,
            record=record,
            body=confirmation.intent_bytes,
            payment_intent_id=confirmation.payment_intent_id,
            shown_text=confirmation.shown_text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLink:
    """What a recorded request turned out to be about, learned from the service's answer."""

    evidence_id: UUID
    payment_intent_id: UUID
    dossier_id: UUID | None
    linked_at: datetime


def _digest_of(part: bytes | None) -> str | None:
    return None if part is None else sha256_hex(part)
