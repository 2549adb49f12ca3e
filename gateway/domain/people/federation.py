"""Signing in with an account of another house (OpenID Connect Core 1.0)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from gateway.domain.people.assurance import Acr

LOGIN_LIFETIME: Final = timedelta(minutes=10)
# How old the other house's own sign-in may be.
AUTHENTICATED_WITHIN: Final = timedelta(minutes=15)
IDENTITIES_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """What we hold of a provider. `acr_map`: its words for ours; what it lists we ask for."""

    name: str
    title: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    acr_map: Mapping[str, Acr]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSecrets:
    """Everything a login is bound by, out of one secret that only the browser keeps."""

    state: str
    nonce: str
    code_verifier: str

    @classmethod
    def of(cls, browser_secret: str) -> "LoginSecrets":
        return cls(
            state=_derived(browser_secret, "state"),
            nonce=_derived(browser_secret, "nonce"),
            code_verifier=_derived(browser_secret, "code_verifier"),
        )

    @property
    def state_digest(self) -> str:
        return sha256(self.state.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationLogin:
    """A login under way. `user_id`: who is signed in and wants to link an account to theirs."""

    state_digest: str
    federation: str
    user_id: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedPerson:
    """Who the other house says it is, after every check."""

    issuer: str
    subject: str
    full_name: str
    acr: Acr


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedIdentity:
    issuer: str
    subject: str
    user_id: UUID
    linked_at: datetime


def _derived(secret: str, purpose: str) -> str:
    digest = sha256(f"lephi-federation-{purpose}-v1\x00{secret}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
