"""Access tokens for portals: what stands behind the token endpoint and the door."""

from datetime import datetime
from typing import Protocol

from gateway.domain.machines.access_token import AccessGrant, Assertion, SenderProof
from gateway.domain.machines.signed_request import Arrival


class TokenUses(Protocol):
    """The guard against replay of assertions and proofs, across all gateways."""

    async def claim(self, holder: str, token_id: str, *, expires_at: datetime) -> bool:
        """Whether this id of this holder is used for the first time."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...


class ClientAssertions(Protocol):
    async def verify(self, assertion: str, arrival: Arrival) -> Assertion:
        """Raises InvalidClient; that it is used once is the caller's to see to."""


class SenderProofs(Protocol):
    def verify(self, proof: str, arrival: Arrival, *, token: str | None = None) -> SenderProof:
        """Raises BadSenderProof or ServerNonceNeeded; single use is the caller's to see to."""

    def fresh_nonce(self) -> str: ...


class AccessTokens(Protocol):
    def mint(self, grant: AccessGrant) -> str: ...

    async def read(self, token: str) -> AccessGrant:
        """Raises BadAccessToken, also when the key it was asked with is no longer usable."""
