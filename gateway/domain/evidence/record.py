"""What is written down before anything takes effect, and never changed afterwards."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from chassis.canonical import sha256_hex
from gateway.domain.confirming.confirmation import Confirmation, ConfirmationProof
from gateway.domain.machines.signed_request import Arrival, SignedRequest


class EvidenceKind(StrEnum):
    CLIENT_REQUEST = "client-request"
    DOSSIER_SUBMISSION = "dossier-submission"
    PROVIDER_NOTIFICATION = "provider-notification"
    CONFIRMATION = "confirmation"


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
    def of_confirmation(
        cls, confirmation: Confirmation, proof: ConfirmationProof, *, id: UUID
    ) -> Self:
        record = {
            "confirmation_id": str(confirmation.id),
            "user_id": str(confirmation.user_id),
            "device_jwk": dict(proof.device_jwk),
            "jws": proof.jws,
            "totp_step": proof.totp_step,
            "shown_sha256": sha256_hex(confirmation.shown_text.encode()),
            "confirmed_at": proof.confirmed_at.isoformat(),
            "assurance": proof.assurance,
        }
        return cls(
            id=id,
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
