"""What we announce, and an event of a sister service as we pass it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from chassis.canonical import canonical_json
from chassis.events import EventData

# What a client may ask to be told.
PUBLIC_EVENT_TYPES: Final = (
    "payment.succeeded.v1",
    "payment.expired.v1",
    "payment.cancelled.v1",
    "payment.revived.v1",
    "payment.discrepancy_found.v1",
    "refund.requested.v1",
    "refund.succeeded.v1",
    "refund.failed.v1",
    "bill_batch.completed.v1",
    "receipt.issued.v1",
    "receipt.replaced.v1",
    "receipt.adjusted.v1",
    "receipt.cancelled.v1",
    "dossier.state_changed.v1",
)


class MessageFailed(EventData):
    """An e-mail was given up; who should have had it is not said here."""

    type: ClassVar[str] = "message.failed.v1"

    message_id: UUID
    template: str
    reason: str


class WebhookDisabled(EventData):
    """A client's endpoint is sent nothing more until a retry that the client asked for succeeds."""

    type: ClassVar[str] = "webhook.disabled.v1"

    endpoint_id: UUID
    client_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvent:
    """An event, with only that part of its data which the client it concerns may read."""

    id: UUID
    type: str
    time: datetime
    client_id: str | None
    data: Mapping[str, Any]

    def to_webhook_body(self) -> bytes:
        """Made once and stored: every attempt sends, and signs, the same bytes."""
        return canonical_json(
            {"type": self.type, "timestamp": self.time.isoformat(), "data": dict(self.data)}
        )
