"""Access tokens for portals: what stands behind the token endpoint and the door."""

from datetime import datetime
from typing import Protocol


class TokenUses(Protocol):
    """The guard against replay of assertions and proofs, across all gateways."""

    async def claim(self, holder: str, token_id: str, *, expires_at: datetime) -> bool:
        """Whether this id of this holder is used for the first time."""

    async def forget(self, *, expired_before: datetime, limit: int) -> int: ...
