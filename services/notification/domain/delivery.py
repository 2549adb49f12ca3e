"""One try at handing a message to the mail server: kept for ever, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from services.notification.domain.message import Message
from services.notification.domain.sending import Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    id: UUID
    message_id: UUID
    attempt: int
    verdict: Verdict
    reason: str | None
    tried_at: datetime

    @classmethod
    def of(cls, message: Message, outcome: Outcome, *, id: UUID, at: datetime) -> Self:
        return cls(
            id=id,
            message_id=message.id,
            attempt=message.attempts,
            verdict=outcome.verdict,
            reason=outcome.reason,
            tried_at=at,
        )
