"""One transaction and every repository on it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, TransactionScope
from chassis.ids import Ids
from chassis.inbox import SqlInbox
from chassis.outbox import SqlOutbox
from chassis.ports import Inbox, Outbox
from services.notification.ports import (
    Deliveries,
    Messages,
    WebhookDeliveries,
    WebhookEndpoints,
    WebhookRetries,
)
from services.notification.storage.messages import SqlDeliveries, SqlMessages
from services.notification.storage.tables import INBOX, OUTBOX
from services.notification.storage.webhook_deliveries import (
    SqlWebhookDeliveries,
    SqlWebhookRetries,
)
from services.notification.storage.webhook_endpoints import SqlWebhookEndpoints


class SqlUnitOfWork(TransactionScope):
    inbox: Inbox
    outbox: Outbox
    messages: Messages
    deliveries: Deliveries
    endpoints: WebhookEndpoints
    webhook_deliveries: WebhookDeliveries
    retries: WebhookRetries

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        super().__init__(database)
        self._clock = clock
        self._ids = ids

    def bind(self, connection: AsyncConnection) -> None:
        self.inbox = SqlInbox(connection, INBOX, clock=self._clock)
        self.outbox = SqlOutbox(
            connection, OUTBOX, source="notification", clock=self._clock, ids=self._ids
        )
        self.messages = SqlMessages(connection)
        self.deliveries = SqlDeliveries(connection)
        self.endpoints = SqlWebhookEndpoints(connection)
        self.webhook_deliveries = SqlWebhookDeliveries(connection)
        self.retries = SqlWebhookRetries(connection)
