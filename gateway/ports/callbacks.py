from typing import Protocol

from gateway.domain.callbacks.notice import ProvedNotice
from gateway.domain.callbacks.refusal import SpokenRefusal
from gateway.domain.callbacks.registration import ProviderRegistration
from gateway.domain.machines.signed_request import Arrival


class CallbackChecks(Protocol):
    def find(self, provider: str) -> ProviderRegistration | None:
        """None: the provider has no file; it may still have a registered key."""

    async def verify(self, arrival: Arrival, registration: ProviderRegistration) -> ProvedNotice:
        """By the registered scheme and no other, over the raw bytes; raises a refusal."""

    def word(self, provider: str, code: str) -> SpokenRefusal | None:
        """A refusal with our `code` in the provider's own form. None: it has none."""

    def issue_token(self, arrival: Arrival, registration: ProviderRegistration) -> str:
        """What a provider that fetches a token speaks with later; NoSuchProvider for others."""
