from uuid import UUID

from fastapi import APIRouter, status

from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from chassis.schemas import Page
from services.notification.api.dependencies import ClientIdDep, ToolsDep
from services.notification.api.schemas import (
    EndpointBody,
    RegisteredEndpointBody,
    RegisterEndpointBody,
)
from services.notification.domain.request_key import RequestKey
from services.notification.use_cases.look_up_webhooks import get_endpoint, list_endpoints
from services.notification.use_cases.register_endpoint import WantedEndpoint, register_endpoint
from services.notification.use_cases.remove_endpoint import remove_endpoint

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhook-endpoints"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_webhook_endpoint(
    body: RegisterEndpointBody,
    idempotency_key: IdempotencyKey,
    client_id: ClientIdDep,
    tools: ToolsDep,
) -> RegisteredEndpointBody:
    """Be told of events at an address. Repeating the request with the same key is safe."""
    endpoint = await register_endpoint(
        WantedEndpoint(
            url=body.url,
            event_types=[str(one) for one in body.event_types],
            allow_private=tools.allow_private_webhooks,
        ),
        request=RequestKey(client_id=client_id, key=idempotency_key, fingerprint=fingerprint(body)),
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return RegisteredEndpointBody.of(endpoint, public_key=tools.public_key)


@router.get("")
async def get_webhook_endpoints(client_id: ClientIdDep, tools: ToolsDep) -> Page[EndpointBody]:
    """All of the client's endpoints, disabled ones among them."""
    endpoints = await list_endpoints(client_id, records=tools.records)
    return Page(items=[EndpointBody.of(one, public_key=tools.public_key) for one in endpoints])


@router.get("/{endpoint_id}")
async def get_webhook_endpoint(
    endpoint_id: UUID, client_id: ClientIdDep, tools: ToolsDep
) -> EndpointBody:
    endpoint = await get_endpoint(endpoint_id, client_id=client_id, records=tools.records)
    return EndpointBody.of(endpoint, public_key=tools.public_key)


@router.delete("/{endpoint_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_webhook_endpoint(
    endpoint_id: UUID, client_id: ClientIdDep, tools: ToolsDep
) -> None:
    """Be told no more there. Past deliveries stay listed."""
    await remove_endpoint(endpoint_id, client_id=client_id, uow=tools.open_uow())
