from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from gateway.domain.confirming.confirmation import Confirmation
from gateway.domain.confirming.fee_intent import PayableFee


class Confirmations(Protocol):
    async def supersede_open(self, payment_intent_id: UUID, *, user_id: UUID) -> None: ...

    async def add(self, confirmation: Confirmation) -> None: ...

    async def get_for_update(self, confirmation_id: UUID) -> Confirmation:
        """Raises ConfirmationNotFound."""

    async def is_confirmed(self, payment_intent_id: UUID) -> bool: ...

    async def confirm(self, confirmation: Confirmation) -> None:
        """Only out of `open`; raises AlreadyConfirmed when the payment has a confirmation."""

    async def expire(self, *, overdue_at: datetime, limit: int) -> int: ...


class ShownTexts(Protocol):
    def render(self, intent: Mapping[str, Any]) -> str:
        """What the payer reads before signing, in the words of the intent's template."""


class Payments(Protocol):
    async def get_fee(self, payment_intent_id: UUID) -> PayableFee:
        """Raises PaymentNotFound or UpstreamUnavailable."""

    async def confirm(self, confirmation: Confirmation) -> Mapping[str, Any]:
        """The payment as it now is; raises PaymentRefused or UpstreamUnavailable."""
