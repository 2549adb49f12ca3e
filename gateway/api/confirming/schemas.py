from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from gateway.api.schemas import Code, RequestBody
from gateway.use_cases.confirming.open_confirmation import OpenedConfirmation
from gateway.use_cases.confirming.prove_confirmation import Confirmed

Jws = Annotated[str, Field(min_length=16, max_length=2048, pattern=r"^[A-Za-z0-9_.-]+$")]


class OpenConfirmationBody(RequestBody):
    method: Literal["vietqr"]


class OpenedConfirmationBody(BaseModel):
    """Show `shown_text`, then sign the bytes of `intent_bytes` (base64url) on the device."""

    confirmation_id: UUID
    intent: dict[str, Any]
    intent_bytes: str
    shown_text: str
    expires_at: datetime

    @classmethod
    def of(cls, opened: OpenedConfirmation) -> Self:
        confirmation = opened.confirmation
        encoded = urlsafe_b64encode(confirmation.intent_bytes).rstrip(b"=").decode()
        return cls(
            confirmation_id=confirmation.id,
            intent=opened.intent,
            intent_bytes=encoded,
            shown_text=confirmation.shown_text,
            expires_at=confirmation.expires_at,
        )


class ProofBody(RequestBody):
    """`jws` is detached (`header..signature`), `b64: false`, over the intent bytes."""

    jws: Jws
    totp: Code


class ConfirmedBody(BaseModel):
    """`payment` is null while the payment service is out of reach; send the same proof again."""

    status: Literal["confirmed"]
    assurance: str
    payment: dict[str, Any] | None

    @classmethod
    def of(cls, confirmed: Confirmed) -> Self:
        proof = confirmed.confirmation.proof
        assert proof is not None
        payment = dict(confirmed.payment) if confirmed.payment is not None else None
        return cls(status="confirmed", assurance=proof.assurance, payment=payment)
