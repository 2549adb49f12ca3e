from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.domain.people.account import Account, DeviceKey, EnrolmentChallenge, Session


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
