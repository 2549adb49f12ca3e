from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.domain.machines.client import Client, ClientKey, RegisteredKey
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest


class Clients(Protocol):
    async def add_once(self, client: Client, *, registered_at: datetime) -> None:
        """Store the client unless its id is known."""

    async def add_key_once(self, key: ClientKey) -> ClientKey:
        """Store the key unless its id is known; answer with the stored one."""

    async def find_key(self, key_id: str) -> RegisteredKey | None: ...

    async def save_key(self, key: ClientKey) -> None: ...


@dataclass(frozen=True, slots=True)
class NonceUse:
    """Who used a nonce first."""

    base_hash: str
    evidence_id: UUID | None


class Nonces(Protocol):
    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        """None: this use is the first. Otherwise the first use, which stays as it is."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class SignatureChecks(Protocol):
    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        """Raises Unauthenticated unless the signature is exactly what the class demands."""
