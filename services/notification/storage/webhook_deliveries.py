"""Webhook deliveries, and the retries that clients asked for."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notification.domain.errors import UnknownDelivery
from services.notification.domain.request_key import RequestKey
from services.notification.domain.sending import Lease
from services.notification.domain.webhook_delivery import (
    WebhookDelivery,
    WebhookRetry,
    WebhookState,
)
from services.notification.storage.claiming import (
    FREE,
    claim,
    claim_statement,
    due_statement,
    insert_once,
    settle,
)
from services.notification.storage.tables import WEBHOOK_DELIVERY, WEBHOOK_RETRY

WEBHOOK_DUE: Final = due_statement(WEBHOOK_DELIVERY, WebhookState.PENDING)
_CLAIM: Final = claim_statement(WEBHOOK_DELIVERY, WebhookState.PENDING)


class SqlWebhookDeliveries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, deliveries: Sequence[WebhookDelivery]) -> None:
        if deliveries:
            inserting = insert_once(self._connection, WEBHOOK_DELIVERY)
            await self._connection.execute(inserting, [_to_row(each) for each in deliveries])

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[WebhookDelivery]:
        rows = await claim(self._connection, _CLAIM, lease, limit=limit)
        return [to_delivery(row) for row in rows]

    async def settle(self, delivery: WebhookDelivery, lease: Lease) -> bool:
        return await settle(
            self._connection, WEBHOOK_DELIVERY, delivery.id, lease, _progress(delivery)
        )

    async def get_for_update(self, delivery_id: UUID, *, client_id: str) -> WebhookDelivery:
        wanted = select(WEBHOOK_DELIVERY).where(
            WEBHOOK_DELIVERY.c.id == delivery_id, WEBHOOK_DELIVERY.c.client_id == client_id
        )
        row = (await self._connection.execute(wanted.with_for_update())).one_or_none()
        if row is None:
            raise UnknownDelivery(delivery_id)
        return to_delivery(row)

    async def save(self, delivery: WebhookDelivery) -> None:
        saving = update(WEBHOOK_DELIVERY).where(WEBHOOK_DELIVERY.c.id == delivery.id)
        await self._connection.execute(saving.values(_progress(delivery) | FREE))


class SqlWebhookRetries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, client_id: str, key: str) -> WebhookRetry | None:
        wanted = select(WEBHOOK_RETRY).where(
            WEBHOOK_RETRY.c.client_id == client_id, WEBHOOK_RETRY.c.idempotency_key == key
        )
        row = (await self._connection.execute(wanted)).one_or_none()
        return None if row is None else _to_retry(row)

    async def add_once(self, retry: WebhookRetry) -> WebhookRetry:
        row = {
            "id": retry.id,
            "delivery_id": retry.delivery_id,
            "client_id": retry.request.client_id,
            "asked_at": retry.asked_at,
            "idempotency_key": retry.request.key,
            "request_fingerprint": retry.request.fingerprint,
        }
        await self._connection.execute(insert_once(self._connection, WEBHOOK_RETRY), row)
        return await self.find(retry.request.client_id, retry.request.key) or retry


def to_delivery(row: Row[Any]) -> WebhookDelivery:
    return WebhookDelivery(
        id=row.id,
        endpoint_id=row.endpoint_id,
        client_id=row.client_id,
        event_id=row.event_id,
        event_type=row.event_type,
        body=row.body,
        created_at=row.created_at,
        due_at=row.due_at,
        state=WebhookState(row.state),
        attempts=row.attempts,
        asked_for=row.asked_for,
        status_code=row.status_code,
        reason=row.reason,
        finished_at=row.finished_at,
    )


def _progress(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "state": delivery.state,
        "attempts": delivery.attempts,
        "asked_for": delivery.asked_for,
        "status_code": delivery.status_code,
        "reason": delivery.reason,
        "due_at": delivery.due_at,
        "finished_at": delivery.finished_at,
    }


def _to_row(delivery: WebhookDelivery) -> dict[str, Any]:
    return _progress(delivery) | {
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "client_id": delivery.client_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "body": delivery.body,
        "created_at": delivery.created_at,
    }


def _to_retry(row: Row[Any]) -> WebhookRetry:
    return WebhookRetry(
        id=row.id,
        delivery_id=row.delivery_id,
        asked_at=row.asked_at,
        request=RequestKey(
            client_id=row.client_id, key=row.idempotency_key, fingerprint=row.request_fingerprint
        ),
    )
