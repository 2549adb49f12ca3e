from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from gateway.domain.account import DeviceKey, EnrolmentChallenge
from gateway.use_cases.open_account import OpenedAccount
from gateway.use_cases.open_confirmation import OpenedConfirmation
from gateway.use_cases.open_session import OpenedSession
from gateway.use_cases.prove_confirmation import Confirmed

Username = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._@-]{2,63}$")
]
Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Jws = Annotated[str, Field(min_length=16, max_length=2048, pattern=r"^[A-Za-z0-9_.-]+$")]


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenAccountBody(RequestBody):
    username: Username
    password: Password
    full_name: FullName


class AccountBody(BaseModel):
    """`totp_uri` is for the payer's code generator; it is shown this once only."""

    id: UUID
    totp_uri: str

    @classmethod
    def of(cls, account: OpenedAccount) -> Self:
        return cls(id=account.id, totp_uri=account.totp_uri)


class ActivateCodeBody(RequestBody):
    code: Code


class OpenSessionBody(RequestBody):
    username: Username
    password: Password
    totp: Code


class SessionBody(BaseModel):
    """Send the token as `Authorization: Bearer …`. It ends by itself after fifteen minutes."""

    token: str
    expires_at: datetime

    @classmethod
    def of(cls, session: OpenedSession) -> Self:
        return cls(token=session.token, expires_at=session.expires_at)


class ChallengeBody(BaseModel):
    """The device signs the characters of `challenge` as the payload of a compact JWS (ES256)."""

    challenge: str
    expires_at: datetime

    @classmethod
    def of(cls, challenge: EnrolmentChallenge) -> Self:
        return cls(challenge=challenge.text, expires_at=challenge.expires_at)


class EnrolDeviceKeyBody(RequestBody):
    jwk: Annotated[dict[str, Any], Field(max_length=12, description="Public P-256 key (RFC 7517)")]
    proof: Jws
    totp: Code


class DeviceKeyBody(BaseModel):
    """`kid` is the RFC 7638 thumbprint; name it in every signature."""

    kid: str
    state: str
    enrolled_at: datetime

    @classmethod
    def of(cls, key: DeviceKey) -> Self:
        return cls(kid=key.id, state=key.state.value, enrolled_at=key.enrolled_at)


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
