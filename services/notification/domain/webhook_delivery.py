"""One event on its way to one endpoint, and a client's wish to have it sent again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.notification.domain.errors import IllegalTransition
from services.notification.domain.events import HeardEvent
from services.notification.domain.request_key import RequestKey
from services.notification.domain.sending import Outcome, RetrySchedule, Verdict
from services.notification.domain.webhook_endpoint import EndpointState, WebhookEndpoint


class WebhookState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


# Failed becomes pending only when the client asks for a retry.
WEBHOOK_TRANSITIONS: Final[Mapping[WebhookState, frozenset[WebhookState]]] = {
    WebhookState.PENDING: frozenset({WebhookState.DELIVERED, WebhookState.FAILED}),
    WebhookState.DELIVERED: frozenset(),
    WebhookState.FAILED: frozenset({WebhookState.PENDING}),
}

ENDPOINT_NOT_LISTENING: Final = "endpoint_not_listening"
# HTTP 410: the receiver says that it will never listen again.
GONE: Final = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    id: UUID
    endpoint_id: UUID
    client_id: str
    event_id: UUID
    event_type: str
    body: bytes
    created_at: datetime
    due_at: datetime
    state: WebhookState = WebhookState.PENDING
    attempts: int = 0
    asked_for: bool = False
    status_code: int | None = None
    reason: str | None = None
    finished_at: datetime | None = None

    @classmethod
    def of(cls, event: HeardEvent, endpoint: WebhookEndpoint, *, id: UUID, at: datetime) -> Self:
        """To a disabled endpoint it is born failed: listed, and sent only when asked for."""
        delivery = cls(
            id=id,
            endpoint_id=endpoint.id,
            client_id=endpoint.client_id,
            event_id=event.id,
            event_type=event.type,
            body=event.to_webhook_body(),
            created_at=at,
            due_at=at,
        )
        if endpoint.state is EndpointState.ACTIVE:
            return delivery
        return delivery.move_to(WebhookState.FAILED, at=at, reason=ENDPOINT_NOT_LISTENING)

    @property
    def webhook_id(self) -> str:
        """The same at every try and every endpoint: receivers know a repeat by it."""
        return f"evt_{self.event_id}"

    def may_go_to(self, endpoint: WebhookEndpoint) -> bool:
        if endpoint.state is EndpointState.DISABLED:
            return self.asked_for
        return endpoint.state is EndpointState.ACTIVE

    def move_to(self, state: WebhookState, *, at: datetime, reason: str | None = None) -> Self:
        if state not in WEBHOOK_TRANSITIONS[self.state]:
            raise IllegalTransition("webhook delivery", current=self.state, wanted=state)
        finished_at = None if state is WebhookState.PENDING else at
        return replace(self, state=state, reason=reason, finished_at=finished_at)

    def after(self, outcome: Outcome, *, at: datetime, schedule: RetrySchedule) -> Self:
        """Delivered, given up, or still pending and due later."""
        told = replace(self, status_code=outcome.status_code)
        if outcome.verdict is Verdict.DONE:
            return told.move_to(WebhookState.DELIVERED, at=at)
        wait = schedule.wait_after(self.attempts)
        if outcome.verdict is Verdict.NEVER or wait is None:
            return told.move_to(WebhookState.FAILED, at=at, reason=outcome.reason)
        return replace(told, due_at=at + wait, reason=outcome.reason)

    def again(self, *, at: datetime) -> Self:
        """The whole schedule from its beginning, because the client asked."""
        pending = self.move_to(WebhookState.PENDING, at=at)
        return replace(pending, due_at=at, attempts=0, asked_for=True, status_code=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRetry:
    id: UUID
    delivery_id: UUID
    asked_at: datetime
    request: RequestKey
