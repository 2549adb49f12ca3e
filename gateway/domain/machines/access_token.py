"""Access tokens (OAuth 2, client credentials): short, for named scopes, and bound to a sender."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.machines.client import Client, ClientClass
from gateway.domain.machines.token_errors import InvalidScope, UnauthorizedClient

TOKEN_LIFETIME: Final = timedelta(minutes=5)
ASSERTION_LIFETIME_MAX: Final = timedelta(seconds=60)
PROOF_AGE_MAX: Final = timedelta(seconds=60)
CLOCK_SKEW: Final = timedelta(seconds=10)
SERVER_NONCE_LIFETIME: Final = timedelta(minutes=5)

# What a token can open: looks, and nothing that moves money. Banks sign what they send.
TOKEN_SCOPES: Final[Mapping[ClientClass, frozenset[str]]] = {
    ClientClass.PORTAL: frozenset(
        {
            "audit.read",
            "dossier.read",
            "evidence.read",
            "payment.read",
            "receipt.read",
            "webhook.manage",
        }
    ),
    ClientClass.BANK: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A client's word for itself (RFC 7523), checked but for its single use."""

    client: Client
    key_id: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderProof:
    """A DPoP proof (RFC 9449), checked but for its single use; `thumbprint` is its key's."""

    thumbprint: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant:
    """What an access token says; at least one of the two bindings is there."""

    client: Client
    # The registered key the token was asked with: revoking it ends the token as well.
    key_id: str
    scopes: frozenset[str]
    expires_at: datetime
    proof_thumbprint: str | None = None
    certificate_thumbprint: str | None = None


def scopes_for(client: Client, asked: str | None) -> frozenset[str]:
    """All that the class may have, or exactly what is asked if it may have that."""
    allowed = TOKEN_SCOPES[client.client_class]
    if not allowed:
        raise UnauthorizedClient
    wanted = frozenset((asked or "").split()) or allowed
    if not wanted <= allowed:
        raise InvalidScope
    return wanted
