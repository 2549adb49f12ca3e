"""What a client may see of its endpoints and deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.notification.domain.webhook_delivery import WebhookDelivery
from services.notification.domain.webhook_endpoint import WebhookEndpoint
from services.notification.ports import DeliveryFilter, WebhookRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    items: Sequence[WebhookDelivery]
    next_before: UUID | None


async def get_endpoint(
    endpoint_id: UUID, *, client_id: str, records: WebhookRecords
) -> WebhookEndpoint:
    return await records.get_endpoint(endpoint_id, client_id=client_id)


async def list_endpoints(client_id: str, *, records: WebhookRecords) -> Sequence[WebhookEndpoint]:
    """All of them: registering bounds their number."""
    return await records.list_endpoints(client_id)


async def list_deliveries(
    client_id: str, *, wanted: DeliveryFilter, records: WebhookRecords
) -> DeliveryPage:
    one_more = replace(wanted, limit=wanted.limit + 1)
    found = await records.list_deliveries(client_id, one_more)
    items = found[: wanted.limit]
    more = len(found) > wanted.limit
    return DeliveryPage(items=items, next_before=items[-1].id if more else None)
