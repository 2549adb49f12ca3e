"""Webhook endpoints."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notification.domain.errors import UnknownEndpoint
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_endpoint import EndpointState, WebhookEndpoint
from services.notification.storage.claiming import insert_once
from services.notification.storage.tables import WEBHOOK_ENDPOINT


class SqlWebhookEndpoints:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        inserting = insert_once(self._connection, WEBHOOK_ENDPOINT)
        await self._connection.execute(inserting, _to_row(endpoint))
        stored = select(WEBHOOK_ENDPOINT).where(
            WEBHOOK_ENDPOINT.c.client_id == endpoint.client_id,
            WEBHOOK_ENDPOINT.c.idempotency_key == endpoint.request.key,
        )
        return to_endpoint((await self._connection.execute(stored)).one())

    async def get_for_update(self, endpoint_id: UUID) -> WebhookEndpoint:
        wanted = select(WEBHOOK_ENDPOINT).where(WEBHOOK_ENDPOINT.c.id == endpoint_id)
        row = (await self._connection.execute(wanted.with_for_update())).one_or_none()
        if row is None:
            raise UnknownEndpoint(endpoint_id)
        return to_endpoint(row)

    async def count_kept(self, client_id: str) -> int:
        kept = kept_of(client_id).with_only_columns(func.count())
        return int(await self._connection.scalar(kept) or 0)

    async def list_hearing(self, client_id: str, event_type: str) -> Sequence[WebhookEndpoint]:
        rows = await self._connection.execute(kept_of(client_id).order_by(WEBHOOK_ENDPOINT.c.id))
        endpoints = [to_endpoint(row) for row in rows]
        return [endpoint for endpoint in endpoints if event_type in endpoint.event_types]

    async def list_by_id(self, ids: Collection[UUID]) -> Mapping[UUID, WebhookEndpoint]:
        if not ids:
            return {}
        wanted = select(WEBHOOK_ENDPOINT).where(WEBHOOK_ENDPOINT.c.id.in_(ids))
        return {row.id: to_endpoint(row) for row in await self._connection.execute(wanted)}

    async def save(self, endpoint: WebhookEndpoint) -> None:
        saving = (
            update(WEBHOOK_ENDPOINT)
            .where(WEBHOOK_ENDPOINT.c.id == endpoint.id)
            .values(state=endpoint.state, failures_in_row=endpoint.failures_in_row)
        )
        await self._connection.execute(saving)


def kept_of(client_id: str) -> Select[Any]:
    """A client's endpoints but the removed ones; registering bounds their number."""
    return select(WEBHOOK_ENDPOINT).where(
        WEBHOOK_ENDPOINT.c.client_id == client_id,
        WEBHOOK_ENDPOINT.c.state != EndpointState.REMOVED,
    )


def to_endpoint(row: Row[Any]) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=row.id,
        client_id=row.client_id,
        url=row.url,
        event_types=tuple(row.event_types),
        created_at=row.created_at,
        request=RequestKey(
            client_id=row.client_id, key=row.idempotency_key, fingerprint=row.request_fingerprint
        ),
        state=EndpointState(row.state),
        failures_in_row=row.failures_in_row,
    )


def _to_row(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "client_id": endpoint.client_id,
        "url": endpoint.url,
        "event_types": list(endpoint.event_types),
        "state": endpoint.state,
        "failures_in_row": endpoint.failures_in_row,
        "created_at": endpoint.created_at,
        "idempotency_key": endpoint.request.key,
        "request_fingerprint": endpoint.request.fingerprint,
    }
