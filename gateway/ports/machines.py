from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from gateway.domain.evidence.record import Evidence
from gateway.domain.machines.client import Client, ClientClass, ClientKey, RegisteredKey
from gateway.domain.machines.key_registration import KeyChallenge, KeyEvent, OfferedKey
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """None of either asks for all."""

    client_class: ClientClass | None = None
    contact_agency: str | None = None


class Clients(Protocol):
    async def add(self, client: Client, *, registered_at: datetime) -> None:
        """Raises ClientTaken."""

    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        """Store the client unless its id is known."""

    async def find(self, client_id: str, *, for_update: bool = False) -> Client | None: ...

    async def list_page(
        self, wanted: ClientFilter, *, after: str | None, limit: int
    ) -> Sequence[Client]:
        """Ordered by id, those behind `after`."""

    async def has_provider(self, provider: str) -> bool:
        """Whether a bank is registered under this code."""

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        """Store the key unless its id is known; answer with the stored one."""

    async def find_key(self, key_id: str, *, for_update: bool = False) -> RegisteredKey | None: ...

    async def save_key(self, key: ClientKey) -> None: ...

    async def list_keys(self, client_id: str, *, limit: int) -> Sequence[ClientKey]:
        """The youngest first."""

    async def list_all_keys(self, client_id: str | None, *, limit: int) -> Sequence[ClientKey]:
        """Of one client or of all, ordered by client, the youngest first."""

    async def list_overdue_keys(self, *, now: datetime, limit: int) -> Sequence[ClientKey]:
        """Keys still held for usable whose time is over, locked; others' locks are skipped."""


class KeyChallenges(Protocol):
    async def add(self, challenge: KeyChallenge) -> None: ...

    async def count_open(self, client_id: str, *, now: datetime) -> int: ...

    async def use(self, text: str, *, client_id: str, now: datetime) -> bool:
        """Whether it was there, this client's and in time; it is gone afterwards."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class KeyHistory(Protocol):
    async def add(self, event: KeyEvent) -> None: ...

    async def list_of(self, key_id: str, *, limit: int) -> Sequence[KeyEvent]:
        """The oldest first."""


class KeyProofs(Protocol):
    """Reads keys as they are handed in, and checks that their holder has them."""

    def read_jwk(self, jwk: Mapping[str, Any]) -> OfferedKey:
        """Raises UnusableKey for what is private, weak, or of a kind that is not accepted."""

    def read_certificate(self, pem: str) -> OfferedKey:
        """Raises UnusableKey; who issued the certificate is the registrar's to judge."""

    def open_compact(self, jws: str, key: OfferedKey) -> bytes:
        """The payload the key has signed; raises KeyProofRefused."""


@dataclass(frozen=True, slots=True)
class NonceUse:
    """Who used a nonce first."""

    base_hash: str
    evidence_id: UUID | None


class NonceClaims(Protocol):
    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        """None: this use is the first. Otherwise the first use, which stays as it is."""

    async def claim_with_evidence(
        self, request: SignedRequest, use: NonceUse, evidence: Evidence
    ) -> NonceUse | None:
        """The same, and a first use leaves this evidence and its audit entry: both or neither."""


class Nonces(NonceClaims, Protocol):
    async def claim_number(
        self, *, key_id: str, number: str, expires_at: datetime, use: NonceUse
    ) -> NonceUse | None:
        """The same as `claim` for a message that carries its number in some other way."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class NonceScope(Protocol):
    """The scope in which a signed request is let in, whole or not at all."""

    @property
    def nonces(self) -> NonceClaims: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class SignatureChecks(Protocol):
    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        """Raises Unauthenticated unless the signature is exactly what the class demands."""
