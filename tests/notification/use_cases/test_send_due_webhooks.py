from dataclasses import replace
from datetime import timedelta

from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.events import WebhookDisabled
from services.notification.domain.sending import Outcome, RetrySchedule
from services.notification.domain.webhook_delivery import (
    ENDPOINT_NOT_LISTENING,
    GONE,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import EndpointState
from services.notification.use_cases.retry_delivery import retry_delivery
from services.notification.use_cases.send_due_webhooks import WebhookSending, send_due_webhooks
from services.notification.use_cases.tell_client import tell_client
from tests.notification.fakes import FakeUnitOfWork, FakeWaitingWork, FakeWebhook
from tests.notification.samples import CLIENT, NOON, endpoint, heard_event, request_key

ERROR = Outcome.again("http_500", status_code=500)
FINE = Outcome.done(status_code=200)


class Desk:
    def __init__(self, *outcomes: Outcome, failures_max: int = 2) -> None:
        self.uow = FakeUnitOfWork()
        self.clock = FrozenClock(NOON)
        self.ids = FakeIds()
        self.channel = FakeWebhook(list(outcomes) or [FINE])
        self.sending = WebhookSending(
            open_uow=self.uow.again,
            waiting=FakeWaitingWork(),
            channel=self.channel,
            schedule=RetrySchedule.of_seconds(5),
            failures_max=failures_max,
            clock=self.clock,
            ids=self.ids,
        )

    async def hear(self, number: int = 1) -> None:
        await self.uow.endpoints.add_once(endpoint())
        await tell_client(heard_event(number), uow=self.uow, clock=self.clock, ids=self.ids)

    async def send(self, *, after_seconds: float = 0) -> int:
        self.clock.advance(timedelta(seconds=after_seconds))
        return await send_due_webhooks(self.sending)

    async def give_up(self, number: int) -> None:
        await self.hear(number)
        await self.send()
        await self.send(after_seconds=5)

    @property
    def endpoint_state(self) -> EndpointState:
        return self.uow.endpoints.rows[endpoint().id].state


async def test_a_webhook_that_failed_arrives_later_under_the_same_id_with_the_same_bytes() -> None:
    desk = Desk(ERROR, FINE)
    await desk.hear()

    await desk.send()
    await desk.send(after_seconds=5)

    first, second = desk.channel.calls
    assert first == second
    assert first.webhook_id == f"evt_{heard_event().id}"
    assert desk.uow.webhook_deliveries.only.state is WebhookState.DELIVERED


async def test_enough_failures_in_a_row_disable_the_endpoint_and_that_is_said_once() -> None:
    desk = Desk(ERROR)

    for number in (1, 2, 3):
        await desk.give_up(number)

    assert desk.endpoint_state is EndpointState.DISABLED
    assert desk.uow.outbox.events == [
        WebhookDisabled(endpoint_id=endpoint().id, client_id=CLIENT, reason="http_500")
    ]


async def test_one_failure_is_forgotten_by_the_next_arrival() -> None:
    desk = Desk(ERROR, ERROR, FINE, ERROR)

    await desk.give_up(1)
    await desk.hear(2)
    await desk.send()
    await desk.give_up(3)

    assert desk.endpoint_state is EndpointState.ACTIVE
    assert not desk.uow.outbox.events


async def test_gone_disables_at_once_and_nothing_more_is_posted() -> None:
    desk = Desk(Outcome.never(GONE, status_code=410), failures_max=9)
    await desk.hear(1)
    await desk.hear(2)
    desk.uow.webhook_deliveries.rows = {
        id: replace(one, due_at=NOON + timedelta(seconds=index))
        for index, (id, one) in enumerate(desk.uow.webhook_deliveries.rows.items())
    }

    await desk.send()
    await desk.send(after_seconds=1)
    await desk.hear(3)
    await desk.send(after_seconds=1)

    assert desk.endpoint_state is EndpointState.DISABLED
    assert len(desk.channel.calls) == 1
    reasons = [one.reason for one in desk.uow.webhook_deliveries.rows.values()]
    assert reasons == [GONE, ENDPOINT_NOT_LISTENING, ENDPOINT_NOT_LISTENING]


async def test_a_retry_that_the_client_asked_for_goes_out_and_wakes_a_disabled_endpoint() -> None:
    desk = Desk(Outcome.never(GONE, status_code=410), FINE)
    await desk.hear()
    await desk.send()

    await retry_delivery(
        desk.uow.webhook_deliveries.only.id,
        request=request_key(),
        uow=desk.uow,
        clock=desk.clock,
        ids=desk.ids,
    )
    await desk.send()

    assert desk.uow.webhook_deliveries.only.state is WebhookState.DELIVERED
    assert desk.endpoint_state is EndpointState.ACTIVE


async def test_a_removed_endpoint_is_not_called() -> None:
    desk = Desk()
    await desk.hear()
    await desk.uow.endpoints.save(endpoint().move_to(EndpointState.REMOVED))

    await desk.send()

    assert not desk.channel.calls
    assert desk.uow.webhook_deliveries.only.state is WebhookState.FAILED
