from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.notification.domain.events import PUBLIC_EVENT_TYPES
from services.notification.domain.webhook_delivery import (
    WebhookDelivery,
    WebhookRetry,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import EndpointState, WebhookEndpoint
from services.notification.domain.webhook_url import URL_LENGTH_MAX

# An enumeration made of the list, so that the interface's document names the choices.
EventType = StrEnum("EventType", {name: name for name in PUBLIC_EVENT_TYPES})  # type: ignore[misc]


class RegisterEndpointBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        str,
        Field(
            min_length=8,
            max_length=URL_LENGTH_MAX,
            description="Public http(s) address without credentials; port 80, 443 or above 1023.",
            examples=["https://portal.example.vn/webhooks/lephi"],
        ),
    ]
    event_types: Annotated[list[EventType], Field(min_length=1, max_length=len(PUBLIC_EVENT_TYPES))]


class RegisteredEndpointBody(BaseModel):
    """What was fixed when it was registered."""

    id: UUID
    url: str
    event_types: list[str]
    public_key: Annotated[str, Field(examples=["whpk_PLI+XbpD…"])]
    created_at: datetime

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, *, public_key: str) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            event_types=list(endpoint.event_types),
            public_key=public_key,
            created_at=endpoint.created_at,
        )


class EndpointBody(BaseModel):
    id: UUID
    url: str
    event_types: list[str]
    public_key: str
    created_at: datetime
    state: EndpointState
    failures_in_row: int

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, *, public_key: str) -> Self:
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            event_types=list(endpoint.event_types),
            public_key=public_key,
            created_at=endpoint.created_at,
            state=endpoint.state,
            failures_in_row=endpoint.failures_in_row,
        )


class DeliveryBody(BaseModel):
    """One event on its way to one endpoint. `webhook_id` is the header that receivers saw."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    webhook_id: str
    state: WebhookState
    attempts: int
    status_code: int | None
    reason: str | None
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        pending = delivery.state is WebhookState.PENDING
        return cls(
            id=delivery.id,
            endpoint_id=delivery.endpoint_id,
            event_id=delivery.event_id,
            event_type=delivery.event_type,
            webhook_id=delivery.webhook_id,
            state=delivery.state,
            attempts=delivery.attempts,
            status_code=delivery.status_code,
            reason=delivery.reason,
            created_at=delivery.created_at,
            next_attempt_at=delivery.due_at if pending else None,
            finished_at=delivery.finished_at,
        )


class RetryBody(BaseModel):
    id: UUID
    delivery_id: UUID
    asked_at: datetime

    @classmethod
    def of(cls, retry: WebhookRetry) -> Self:
        return cls(id=retry.id, delivery_id=retry.delivery_id, asked_at=retry.asked_at)
