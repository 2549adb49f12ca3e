from typing import Protocol
from uuid import UUID

from services.payment.domain.notices.provider_notification import (
    ProviderNotification,
    Verdict,
)


class ProviderNotifications(Protocol):
    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        """None when stored now; else the verdict on the equal notice that came before.

        An equal notice that another transaction is about to commit is waited for.
        """

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None: ...
