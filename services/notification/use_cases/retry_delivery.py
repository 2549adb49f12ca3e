"""A client asks for a failed delivery once more."""

from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.notification.domain.errors import EndpointRemoved
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_delivery import WebhookRetry
from services.notification.domain.webhook_endpoint import EndpointState
from services.notification.ports import UnitOfWork


async def retry_delivery(
    delivery_id: UUID, *, request: RequestKey, uow: UnitOfWork, clock: Clock, ids: Ids
) -> WebhookRetry:
    """Repeating the request answers the same and sends nothing twice."""
    async with uow:
        delivery = await uow.webhook_deliveries.get_for_update(
            delivery_id, client_id=request.client_id
        )
        # Looked up only now, with the delivery held: two equal requests come one after another.
        earlier = await uow.retries.find(request.client_id, request.key)
        if earlier is not None:
            earlier.request.require_same(request)
            return earlier
        endpoint = await uow.endpoints.get_for_update(delivery.endpoint_id)
        if endpoint.state is EndpointState.REMOVED:
            raise EndpointRemoved(endpoint.id)
        now = clock.now()
        await uow.webhook_deliveries.save(delivery.again(at=now))
        retry = WebhookRetry(id=ids.new(), delivery_id=delivery.id, asked_at=now, request=request)
        stored = await uow.retries.add_once(retry)
        stored.request.require_same(request)
        return stored
