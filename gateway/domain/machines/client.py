"""A machine that may call us, and the keys it signs with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from gateway.domain.errors import IllegalTransition


class ClientClass(StrEnum):
    PORTAL = "portal"
    BANK = "bank"


class Algorithm(StrEnum):
    """Names of RFC 9421's registry; no shared secret and nothing below 128 bits of strength."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256-sha256"
    RSA_PSS = "rsa-pss-sha512"


class KeyState(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


# A revoked key never comes back: its owner registers a new one.
KEY_ALLOWED: Final[Mapping[KeyState, frozenset[KeyState]]] = {
    KeyState.ACTIVE: frozenset({KeyState.REVOKED}),
    KeyState.REVOKED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`provider` is the code under which a bank's notifications arrive; portals have none."""

    id: str
    client_class: ClientClass
    provider: str | None = None

    def __post_init__(self) -> None:
        if (self.client_class is ClientClass.BANK) != (self.provider is not None):
            raise ValueError("a bank names its provider code, a portal has none")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """`id` is the RFC 7638 thumbprint; the algorithm is fixed here, never read from a message."""

    id: str
    client_id: str
    algorithm: Algorithm
    public_jwk: Mapping[str, Any]
    registered_at: datetime
    state: KeyState = KeyState.ACTIVE
    revoked_at: datetime | None = None

    def revoke(self, at: datetime) -> Self:
        if KeyState.REVOKED not in KEY_ALLOWED[self.state]:
            raise IllegalTransition(
                f"Key {self.id}", current=self.state, wanted=KeyState.REVOKED.value
            )
        return replace(self, state=KeyState.REVOKED, revoked_at=at)


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """What a signature is judged by: the key and whose it is."""

    client: Client
    key: ClientKey
