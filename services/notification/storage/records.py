"""Reading without a lock: what clients look up, and whether a worker has anything to do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chassis.db import Database
from services.notification.domain.errors import UnknownEndpoint
from services.notification.domain.webhook_delivery import WebhookDelivery
from services.notification.domain.webhook_endpoint import WebhookEndpoint
from services.notification.ports import DeliveryFilter
from services.notification.storage.claiming import is_due
from services.notification.storage.messages import MESSAGE_DUE
from services.notification.storage.tables import WEBHOOK_DELIVERY, WEBHOOK_ENDPOINT
from services.notification.storage.webhook_deliveries import WEBHOOK_DUE, to_delivery
from services.notification.storage.webhook_endpoints import kept_of, to_endpoint


class SqlWebhookRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_endpoint(self, endpoint_id: UUID, *, client_id: str) -> WebhookEndpoint:
        wanted = kept_of(client_id).where(WEBHOOK_ENDPOINT.c.id == endpoint_id)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        if row is None:
            raise UnknownEndpoint(endpoint_id)
        return to_endpoint(row)

    async def list_endpoints(self, client_id: str) -> Sequence[WebhookEndpoint]:
        wanted = kept_of(client_id).order_by(WEBHOOK_ENDPOINT.c.id)
        async with self._database.read() as connection:
            return [to_endpoint(row) for row in await connection.execute(wanted)]

    async def list_deliveries(
        self, client_id: str, wanted: DeliveryFilter
    ) -> Sequence[WebhookDelivery]:
        """Newest first: ids grow with time."""
        listed = (
            select(WEBHOOK_DELIVERY)
            .where(WEBHOOK_DELIVERY.c.client_id == client_id)
            .order_by(WEBHOOK_DELIVERY.c.id.desc())
            .limit(wanted.limit)
        )
        equal = {
            "endpoint_id": wanted.endpoint_id,
            "event_type": wanted.event_type,
            "state": wanted.state,
        }
        for name, value in equal.items():
            if value is not None:
                listed = listed.where(WEBHOOK_DELIVERY.c[name] == value)
        if wanted.before is not None:
            listed = listed.where(WEBHOOK_DELIVERY.c.id < wanted.before)
        async with self._database.read() as connection:
            return [to_delivery(row) for row in await connection.execute(listed)]

    async def is_ready(self) -> bool:
        """Whether the database answers and has our tables."""
        try:
            async with self._database.read() as connection:
                await connection.execute(select(WEBHOOK_ENDPOINT.c.id).limit(1))
        except (SQLAlchemyError, OSError):
            return False
        return True


class SqlWaitingWork:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def message_due(self, now: datetime) -> bool:
        async with self._database.read() as connection:
            return await is_due(connection, MESSAGE_DUE, now)

    async def webhook_due(self, now: datetime) -> bool:
        async with self._database.read() as connection:
            return await is_due(connection, WEBHOOK_DUE, now)
