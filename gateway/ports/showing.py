from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from gateway.domain.confirming.shown_payment import ShownPayment, ShownReceipt
from gateway.domain.confirming.shown_ways import ShownAttempt, ShownMethod


class ShownPayments(Protocol):
    """What a payment's page is made from; each call raises UpstreamUnavailable."""

    async def get(self, payment_intent_id: UUID, *, user_id: UUID) -> ShownPayment:
        """As the payment service shows it to this person; raises PaymentNotFound."""

    async def list_receipts(self, payment_intent_id: UUID) -> Sequence[ShownReceipt]:
        """Those that are issued and count still."""

    async def list_methods(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownMethod]:
        """Those that are offered online; none before the catalogue's first word."""

    async def list_attempts(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownAttempt]:
        """In the order of their making."""
