from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from gateway.api.confirming.schemas import Jws
from gateway.api.schemas import Code, RequestBody
from gateway.domain.people.account import DeviceKey, EnrolmentChallenge
from gateway.use_cases.people.open_account import OpenedAccount
from gateway.use_cases.people.open_session import OpenedSession

Username = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._@-]{2,63}$")
]


Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]


FullName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


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
