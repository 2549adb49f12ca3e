from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from chassis.schemas import Page, PageSize
from services.notification.api.dependencies import ClientIdDep, ToolsDep
from services.notification.api.schemas import DeliveryBody, EventType, RetryBody
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_delivery import WebhookState
from services.notification.ports import DeliveryFilter
from services.notification.use_cases.look_up_webhooks import list_deliveries
from services.notification.use_cases.retry_delivery import retry_delivery

router = APIRouter(prefix="/v1/webhook-deliveries", tags=["webhook-deliveries"])


class DeliveryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    endpoint_id: UUID | None = None
    event_type: EventType | None = None
    state: WebhookState | None = None
    cursor: Annotated[UUID | None, Field(description="`next_cursor` of the page before.")] = None
    limit: PageSize = 50

    def to_filter(self) -> DeliveryFilter:
        return DeliveryFilter(
            endpoint_id=self.endpoint_id,
            event_type=None if self.event_type is None else str(self.event_type),
            state=self.state,
            before=self.cursor,
            limit=self.limit,
        )


@router.get("")
async def get_webhook_deliveries(
    query: Annotated[DeliveryQuery, Query()], client_id: ClientIdDep, tools: ToolsDep
) -> Page[DeliveryBody]:
    """What was sent to the client's endpoints and what came of it, newest first."""
    page = await list_deliveries(client_id, wanted=query.to_filter(), records=tools.records)
    return Page(
        items=[DeliveryBody.of(delivery) for delivery in page.items],
        next_cursor=None if page.next_before is None else str(page.next_before),
    )


@router.post("/{delivery_id}/retry", status_code=status.HTTP_202_ACCEPTED)
async def post_webhook_delivery_retry(
    delivery_id: UUID, idempotency_key: IdempotencyKey, client_id: ClientIdDep, tools: ToolsDep
) -> RetryBody:
    """Send a failed delivery again, under the same webhook-id. Repeating the request is safe."""
    retry = await retry_delivery(
        delivery_id,
        request=RequestKey(
            client_id=client_id,
            key=idempotency_key,
            fingerprint=fingerprint({"retry": str(delivery_id)}),
        ),
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    return RetryBody.of(retry)
