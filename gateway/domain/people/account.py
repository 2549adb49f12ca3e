"""A payer: what they know (password), what they have (one-time codes, device keys)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from gateway.domain.machines.client import KeyState
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import AccountLocked, StrongerSignInNeeded
from gateway.domain.people.roles import Grant

# The prefix makes browsers insist on Secure, on Path=/ and on this very host (RFC 6265bis).
SESSION_COOKIE: Final = "__Host-lephi"
CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
WRONG_TRIES_MAX: Final = 5
LOCK_TIME: Final = timedelta(minutes=15)
# Clocks of telephones drift: the step before and the step after are taken as well.
STEPS_TOLERATED: Final = 1


class CodeState(StrEnum):
    """Whether the one-time code generator was shown to work."""

    PENDING = "pending"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: UUID
    username: str
    full_name: str
    # None: signs in with an account of another house only.
    password_hash: str | None
    totp_sealed: str
    code_state: CodeState
    last_step: int
    wrong_tries: int
    locked_until: datetime | None
    pairwise_salt: str
    opened_at: datetime
    # A new code generator's secret that was not shown to work yet.
    totp_next_sealed: str | None = None
    wrong_codes: int = 0
    codes_locked_until: datetime | None = None

    def require_unlocked(self, now: datetime) -> None:
        """Codes are tried no further after five wrong ones."""
        if self.codes_locked_until is not None and now < self.codes_locked_until:
            raise AccountLocked

    def require_password_unlocked(self, now: datetime) -> None:
        if self.locked_until is not None and now < self.locked_until:
            raise AccountLocked

    @property
    def signs_in_with_password(self) -> bool:
        return self.password_hash is not None and self.code_state is CodeState.ACTIVE

    def pairwise_id(self, sector: str) -> str:
        """The payer's name towards one agency; two agencies cannot tell that they share a payer."""
        digest = sha256(f"{self.pairwise_salt}\x00{sector}".encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`expires_at` is its end whatever happens; unused it ends at `idle_until`.

    Rotation gives a sign-in a new token and so a new row; all rows of one sign-in are a family.
    """

    id: UUID
    family_id: UUID
    user_id: UUID
    token_hash: str
    acr: Acr
    authenticated_at: datetime
    opened_at: datetime
    seen_at: datetime
    idle_until: datetime
    expires_at: datetime
    rotated_at: datetime | None = None
    grants: frozenset[Grant] = frozenset()

    @property
    def csrf_token(self) -> str:
        """A page that may use the cookie's session is told this; another site's page is not."""
        digest = sha256(b"lephi-csrf-v1\x00" + self.token_hash.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def require(self, wanted: Acr) -> None:
        if not self.acr.at_least(wanted):
            raise StrongerSignInNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKey:
    """`id` is the thumbprint of a P-256 key that never leaves the payer's device."""

    id: str
    user_id: UUID
    public_jwk: Mapping[str, Any]
    enrolled_at: datetime
    state: KeyState = KeyState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentChallenge:
    """`text` is what a new device key must sign to show that the device holds it."""

    text: str
    user_id: UUID
    expires_at: datetime
