from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.payment.domain.notices.provider_notification import (
    EarlierWord,
    ProviderNotification,
    Verdict,
    WeakNotification,
)


class ProviderNotifications(Protocol):
    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        """None when stored now; else the verdict on the equal notice that came before.

        An equal notice that another transaction is about to commit is waited for.
        """

    async def list_words(self, notification: ProviderNotification) -> Sequence[EarlierWord]:
        """The other strong words about the same movement of money. After `add_once` nobody else
        adds one before this transaction ends."""

    async def claim_unchecked(self, *, now: datetime, limit: int) -> Sequence[WeakNotification]:
        """Weak words about which their provider should be asked now, each to one asker only."""

    async def finish_check(self, notification_id: UUID) -> None:
        """The provider has answered; it need not be asked about this word again."""

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None: ...
