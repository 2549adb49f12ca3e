from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.domain.people.account import Account, DeviceKey, EnrolmentChallenge, Session
from gateway.domain.people.passkey import (
    AssertionResult,
    ChallengePurpose,
    Passkey,
    PasskeyChallenge,
    RegistrationResult,
    RelyingParty,
)
from gateway.domain.people.roles import Grant, Role, RoleGrant


class Accounts(Protocol):
    async def add(self, account: Account) -> None:
        """Raises UsernameTaken."""

    async def find_by_username(self, username: str) -> Account | None: ...

    async def get_for_update(self, account_id: UUID) -> Account: ...

    async def activate(self, account_id: UUID) -> None: ...

    async def spend_step(self, account_id: UUID, step: int) -> bool:
        """True for one caller only, and only for a step later than any spent before."""

    async def count_wrong_try(self, account_id: UUID, *, now: datetime) -> None:
        """The fifth in a row locks the account."""


class Sessions(Protocol):
    async def add(self, session: Session) -> None: ...

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None: ...

    async def revoke(self, session_id: UUID, *, at: datetime) -> None: ...

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class DeviceKeys(Protocol):
    async def add_challenge(self, challenge: EnrolmentChallenge) -> None: ...

    async def use_challenge(self, text: str, *, user_id: UUID, now: datetime) -> bool:
        """True for one caller only, before it expires."""

    async def add(self, key: DeviceKey) -> None:
        """Raises KeyTaken when the key is enrolled already."""

    async def find(self, key_id: str) -> DeviceKey | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFilter:
    """Which grants; `agencies` None is everywhere, and `before` the last one seen."""

    agencies: frozenset[str] | None = None
    user_id: UUID | None = None
    role: Role | None = None
    live: bool = True
    before: UUID | None = None


class Grants(Protocol):
    async def add(self, made: RoleGrant) -> None:
        """Raises AlreadyGranted when the person holds it."""

    async def list_live_of(self, user_id: UUID) -> frozenset[Grant]: ...

    async def get(self, grant_id: UUID) -> RoleGrant:
        """Raises GrantNotFound."""

    async def withdraw(self, grant_id: UUID, *, by: str, at: datetime) -> bool:
        """True for one caller only, and only while it lives."""

    async def list_page(self, wanted: GrantFilter, *, limit: int) -> Sequence[RoleGrant]:
        """The latest first."""


class StoredPasskeys(Protocol):
    async def add_challenge(self, challenge: PasskeyChallenge) -> None: ...

    async def use_challenge(
        self, text: str, *, purpose: ChallengePurpose, now: datetime
    ) -> PasskeyChallenge | None:
        """For one caller only, before it expires."""

    async def add(self, passkey: Passkey) -> None:
        """Raises PasskeyTaken."""

    async def find(self, credential_id: str) -> Passkey | None: ...

    async def list_of(self, user_id: UUID) -> Sequence[Passkey]:
        """Oldest first."""

    async def use(
        self, credential_id: str, sign_count: int, *, backed_up: bool, at: datetime
    ) -> bool:
        """False when the count did not go up: another device may hold a copy of the key."""

    async def remove(self, credential_id: str, *, user_id: UUID) -> bool: ...

    async def forget_challenges(self, *, expired_before: datetime, limit: int) -> int: ...


class Passkeys(Protocol):
    """WebAuthn: user present and verified, our origin and RP id exactly, by the key we hold."""

    @property
    def party(self) -> RelyingParty: ...

    def challenge_of(self, response: Mapping[str, Any]) -> str:
        """Which challenge an answer claims to be for; raises PasskeyRefused."""

    def verify_registration(
        self, response: Mapping[str, Any], *, challenge: str
    ) -> RegistrationResult:
        """Raises PasskeyRefused."""

    def verify_assertion(
        self,
        credential: Passkey,
        response: Mapping[str, Any],
        *,
        challenge: bytes,
        payment: bool = False,
    ) -> AssertionResult:
        """Raises PasskeyRefused. `payment`: a Secure Payment Confirmation (`payment.get`).

        The sign count is not judged here: that is `StoredPasskeys.use`, in one statement.
        """


class Passwords(Protocol):
    async def hash(self, password: str) -> str: ...

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Takes as long for an unknown user (None) as for a known one."""


@dataclass(frozen=True, slots=True)
class NewCodeSecret:
    sealed: str
    provisioning_uri: str


class OneTimeCodes(Protocol):
    """RFC 6238. The shared secret is stored sealed and opened here only."""

    def new_secret(self, username: str) -> NewCodeSecret: ...

    def matching_step(self, sealed: str, code: str, *, now: datetime) -> int | None:
        """The time step around now whose code this is."""

    def is_code_of(self, sealed: str, code: str, step: int) -> bool: ...


class DeviceProofs(Protocol):
    """ES256 only, by the key we hold; keys or algorithms named in a message are never used."""

    def device_key(self, jwk: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        """Thumbprint and cleaned members of a P-256 public key; raises UnusableKey."""

    def key_id(self, jws: str) -> str:
        """Which key a detached signature claims; raises ProofMalformed."""

    def check_detached(self, jws: str, payload: bytes, jwk: Mapping[str, Any]) -> None:
        """Raises ProofMalformed or ProofRefused."""

    def open_compact(self, jws: str, jwk: Mapping[str, Any]) -> bytes:
        """The signed payload; raises ProofMalformed or ProofRefused."""
