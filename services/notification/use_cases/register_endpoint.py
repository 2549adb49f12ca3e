"""A client says where it wants to be told, and of what."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from services.notification.domain.errors import TooManyEndpoints
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_endpoint import (
    ENDPOINTS_PER_CLIENT_MAX,
    WebhookEndpoint,
)
from services.notification.domain.webhook_url import check_webhook_url
from services.notification.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEndpoint:
    url: str
    event_types: Sequence[str]
    allow_private: bool


async def register_endpoint(
    wanted: WantedEndpoint, *, request: RequestKey, uow: UnitOfWork, clock: Clock, ids: Ids
) -> WebhookEndpoint:
    check_webhook_url(wanted.url, allow_private=wanted.allow_private)
    endpoint = WebhookEndpoint(
        id=ids.new(),
        client_id=request.client_id,
        url=wanted.url,
        event_types=tuple(sorted(set(wanted.event_types))),
        created_at=clock.now(),
        request=request,
    )
    async with uow:
        stored = await uow.endpoints.add_once(endpoint)
        stored.request.require_same(request)
        kept = await uow.endpoints.count_kept(request.client_id)
        if stored.id == endpoint.id and kept > ENDPOINTS_PER_CLIENT_MAX:
            raise TooManyEndpoints(ENDPOINTS_PER_CLIENT_MAX)
        return stored
