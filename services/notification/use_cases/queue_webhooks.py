"""Put an event on its way to every endpoint that asked for its type."""

from chassis.clock import Clock
from chassis.ids import Ids
from services.notification.domain.events import HeardEvent
from services.notification.domain.webhook_delivery import WebhookDelivery
from services.notification.ports import UnitOfWork


async def queue_webhooks(event: HeardEvent, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    """Part of the caller's transaction: the event is claimed and queued together, or not at all."""
    if event.client_id is None:
        return
    endpoints = await uow.endpoints.list_hearing(event.client_id, event.type)
    now = clock.now()
    await uow.webhook_deliveries.add_once(
        [WebhookDelivery.of(event, endpoint, id=ids.new(), at=now) for endpoint in endpoints]
    )
