from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.domain.people.account import Account, DeviceKey, EnrolmentChallenge, Session
from gateway.domain.people.federation import (
    FederatedIdentity,
    FederatedPerson,
    Federation,
    FederationLogin,
    LoginSecrets,
)
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

    async def get(self, account_id: UUID) -> Account: ...

    async def get_for_update(self, account_id: UUID) -> Account: ...

    async def activate(self, account_id: UUID) -> None: ...

    async def spend_step(self, account_id: UUID, step: int) -> bool:
        """True for one caller only, and only for a step later than any spent before."""

    async def count_wrong_try(self, account_id: UUID, *, now: datetime) -> None:
        """The fifth wrong code in a row locks the account's codes."""

    async def count_wrong_password(self, account_id: UUID, *, now: datetime) -> None:
        """The fifth in a row locks signing in with the password."""

    async def forget_wrong_passwords(self, account_id: UUID) -> None: ...

    async def keep_next_secret(self, account_id: UUID, sealed: str) -> None: ...

    async def adopt_next_secret(self, account_id: UUID, step: int) -> bool:
        """The kept secret counts from now on, and this step of it is used up."""


class Sessions(Protocol):
    async def add(self, session: Session) -> None: ...

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None:
        """Also one that was rotated away or idle: what that means the use case says."""

    async def note_use(self, session_id: UUID, *, at: datetime, idle_until: datetime) -> None: ...

    async def rotate_away(self, session_id: UUID, *, at: datetime) -> bool:
        """True for one caller only: the token then counts for seconds."""

    async def end_family(
        self, family_id: UUID, *, at: datetime, user_id: UUID | None = None
    ) -> bool:
        """False when nothing was open, or the sign-in is not this person's."""

    async def end_others(self, user_id: UUID, *, kept: UUID | None, at: datetime) -> Sequence[UUID]:
        """The families that ended; all but `kept`."""

    async def list_open_of(self, user_id: UUID, *, now: datetime) -> Sequence[Session]:
        """One a sign-in, the latest first, fifty at most."""

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


class FederatedIdentities(Protocol):
    async def add_login(self, login: FederationLogin) -> None: ...

    async def use_login(
        self, state_digest: str, *, federation: str, now: datetime
    ) -> FederationLogin | None:
        """For one caller only, before it expires."""

    async def forget_logins(self, *, expired_before: datetime, limit: int) -> int: ...

    async def find(self, issuer: str, subject: str) -> FederatedIdentity | None: ...

    async def link_once(self, identity: FederatedIdentity) -> bool:
        """False when the identity belongs to an account already."""

    async def list_of(self, user_id: UUID) -> Sequence[FederatedIdentity]: ...


class Federations(Protocol):
    """The providers we trust. Every answer of theirs is checked; none decides how."""

    def list_all(self) -> Sequence[Federation]: ...

    def get(self, name: str) -> Federation:
        """Raises FederationNotFound."""

    async def login_url(self, federation: Federation, secrets: LoginSecrets) -> str:
        """Where to send the browser; raises FederationUnavailable."""

    async def redeem(
        self, federation: Federation, code: str, secrets: LoginSecrets, *, now: datetime
    ) -> FederatedPerson:
        """Raises FederationUnavailable or FederationRefused."""


class RecoveryCodes(Protocol):
    async def replace(self, user_id: UUID, digests: Sequence[str], *, at: datetime) -> None: ...

    async def use(self, digest: str, *, user_id: UUID, at: datetime) -> bool:
        """True for one caller only."""


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
