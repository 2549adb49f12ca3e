from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, StringConstraints, model_validator

from gateway.api.confirming.proofs import Jws
from gateway.api.schemas import Code, RequestBody
from gateway.domain.people.account import DeviceKey, EnrolmentChallenge, Session
from gateway.use_cases.people.begin_session import OpenedSession
from gateway.use_cases.people.open_account import OpenedAccount

Username = Annotated[
    str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._@-]{2,63}$")
]


Password = Annotated[SecretStr, Field(min_length=8, max_length=128)]


FullName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


RecoveryCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z2-7 -]{16,32}$", strip_whitespace=True)
]


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
    totp: Code | None = None
    recovery_code: RecoveryCode | None = None

    @model_validator(mode="after")
    def _one_code(self) -> Self:
        if (self.totp is None) == (self.recovery_code is None):
            raise ValueError("give totp or recovery_code, one of them")
        return self


class SessionBody(BaseModel):
    """Send the token as `Authorization: Bearer …`; a page's comes in its cookie and is null here.

    It ends when unused for fifteen minutes, and in any case at `expires_at`.
    """

    token: str | None
    csrf_token: str
    acr: str
    expires_at: datetime

    @classmethod
    def of(cls, opened: OpenedSession, *, cookie: bool) -> Self:
        return cls(
            token=None if cookie else opened.token,
            csrf_token=opened.session.csrf_token,
            acr=opened.session.acr.value,
            expires_at=opened.session.expires_at,
        )


class CurrentSessionBody(BaseModel):
    """A page's unsafe requests carry `csrf_token` in the header X-CSRF-Token."""

    id: UUID
    user_id: UUID
    csrf_token: str
    acr: str
    authenticated_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(
            id=session.family_id,
            user_id=session.user_id,
            csrf_token=session.csrf_token,
            acr=session.acr.value,
            authenticated_at=session.authenticated_at,
            expires_at=session.expires_at,
        )


class ListedSessionBody(BaseModel):
    """`id` stays the same when the token is exchanged."""

    id: UUID
    acr: str
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, *, current: Session) -> Self:
        return cls(
            id=session.family_id,
            acr=session.acr.value,
            authenticated_at=session.authenticated_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            current=session.family_id == current.family_id,
        )


class CodeGeneratorBody(BaseModel):
    """`totp_uri` is shown this once; it counts when a code of it was shown."""

    totp_uri: str


class RecoveryCodesBody(BaseModel):
    """Each signs in once, with the password. They are shown this once only."""

    codes: list[str]


class MakeRecoveryCodesBody(RequestBody):
    totp: Code


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
