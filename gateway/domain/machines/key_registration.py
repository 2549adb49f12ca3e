"""How a key comes in: a challenge its holder signs, and what was found in the key itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.domain.machines.client import Algorithm, ClientKey, KeyState

CHALLENGE_LIFETIME: Final = timedelta(minutes=10)
CHALLENGE_BYTES: Final = 32
CHALLENGES_OPEN_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChallenge:
    """`text` names its purpose and the client, so its signer sees what is being signed."""

    text: str
    client_id: str
    expires_at: datetime

    @classmethod
    def of(cls, client_id: str, *, token: str, now: datetime) -> "KeyChallenge":
        return cls(
            text=f"lephi-client-key-1:{client_id}:{token}",
            client_id=client_id,
            expires_at=now + CHALLENGE_LIFETIME,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedKey:
    """A public key as it was handed in, read but not yet believed."""

    id: str
    algorithm: Algorithm
    public_jwk: Mapping[str, Any]
    # The end of the certificate it came in, if it came in one.
    not_after: datetime | None = None


class KeyAction(StrEnum):
    REGISTERED = "registered"
    APPROVED = "approved"
    RETIRED = "retired"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvent:
    """One line of a key's history; `actor` is `user:…`, `operator:…` or `system:clock`."""

    id: UUID
    key_id: str
    action: KeyAction
    actor: str
    at: datetime
    state: KeyState
    reason: str | None = None

    @classmethod
    def of(
        cls,
        key: ClientKey,
        action: KeyAction,
        *,
        id: UUID,
        actor: str,
        at: datetime,
        reason: str | None = None,
    ) -> "KeyEvent":
        return cls(
            id=id, key_id=key.id, action=action, actor=actor, at=at, state=key.state, reason=reason
        )
