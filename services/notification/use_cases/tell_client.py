"""An event concerns a client: queue it for the client's endpoints, once."""

from chassis.clock import Clock
from chassis.ids import Ids
from services.notification.domain.events import HeardEvent
from services.notification.ports import UnitOfWork
from services.notification.use_cases.queue_webhooks import queue_webhooks

CONSUMER = "notification"


async def tell_client(event: HeardEvent, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    async with uow:
        if await uow.inbox.claim(event.id, CONSUMER):
            await queue_webhooks(event, uow=uow, clock=clock, ids=ids)
