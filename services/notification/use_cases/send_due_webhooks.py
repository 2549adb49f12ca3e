"""Send what is due to clients: claim, post outside any transaction, record."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.notification.domain.events import WebhookDisabled
from services.notification.domain.sending import Lease, Outcome, RetrySchedule
from services.notification.domain.webhook_delivery import (
    ENDPOINT_NOT_LISTENING,
    GONE,
    WebhookDelivery,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import EndpointState, WebhookEndpoint
from services.notification.ports import (
    OpenUnitOfWork,
    UnitOfWork,
    WaitingWork,
    WebhookCall,
    WebhookChannel,
)
from services.notification.use_cases.side_by_side import side_by_side

BATCH_MAX: Final = 32
# Longer than the slowest try; a worker that died is replaced after this.
LEASE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSending:
    open_uow: OpenUnitOfWork
    waiting: WaitingWork
    channel: WebhookChannel
    schedule: RetrySchedule
    failures_max: int
    clock: Clock
    ids: Ids


async def send_due_webhooks(sending: WebhookSending) -> int:
    """Try a batch and say how many. A crash before a try is recorded posts the same bytes again,
    under the same webhook-id, once the lease has run out."""
    now = sending.clock.now()
    if not await sending.waiting.webhook_due(now):
        return 0
    lease = Lease(id=sending.ids.new(), taken_at=now, until=now + LEASE)
    async with sending.open_uow() as uow:
        claimed = await uow.webhook_deliveries.claim_due(lease, limit=BATCH_MAX)
        endpoints = await uow.endpoints.list_by_id({each.endpoint_id for each in claimed})
    await side_by_side(
        _send(each, endpoints[each.endpoint_id], lease, sending=sending) for each in claimed
    )
    return len(claimed)


async def _send(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, lease: Lease, *, sending: WebhookSending
) -> None:
    tried = delivery.may_go_to(endpoint)
    if tried:
        call = WebhookCall(url=endpoint.url, webhook_id=delivery.webhook_id, body=delivery.body)
        outcome = await sending.channel.post(call)
    else:
        outcome = Outcome.never(ENDPOINT_NOT_LISTENING)
    settled = delivery.after(outcome, at=sending.clock.now(), schedule=sending.schedule)
    async with sending.open_uow() as uow:
        if not await uow.webhook_deliveries.settle(settled, lease):
            return  # The lease ran out; whoever holds the delivery now records it.
        if not tried or settled.state is WebhookState.PENDING:
            return
        if settled.state is WebhookState.FAILED:
            await _count_failure(settled, uow=uow, failures_max=sending.failures_max)
        elif not endpoint.healthy:
            held = await uow.endpoints.get_for_update(endpoint.id)
            await uow.endpoints.save(held.after_arrival())


async def _count_failure(failed: WebhookDelivery, *, uow: UnitOfWork, failures_max: int) -> None:
    before = await uow.endpoints.get_for_update(failed.endpoint_id)
    after = before.after_failure(failures_max=failures_max, gone=failed.reason == GONE)
    await uow.endpoints.save(after)
    if before.state is EndpointState.ACTIVE and after.state is EndpointState.DISABLED:
        disabled = WebhookDisabled(
            endpoint_id=after.id, client_id=after.client_id, reason=failed.reason or "unknown"
        )
        await uow.outbox.add(disabled, subject=str(after.id))
