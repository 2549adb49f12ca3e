import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.errors import UnknownDelivery, UnknownEndpoint
from services.notification.domain.message import Message, MessageState
from services.notification.domain.sending import Lease, Outcome, RetrySchedule
from services.notification.domain.webhook_delivery import (
    WebhookDelivery,
    WebhookRetry,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import EndpointState
from services.notification.ports import DeliveryFilter
from services.notification.storage.records import SqlWaitingWork, SqlWebhookRecords
from services.notification.storage.tables import MESSAGE
from services.notification.storage.unit_of_work import SqlUnitOfWork
from tests.notification.samples import (
    CLIENT,
    FACTS,
    NOON,
    endpoint,
    heard_event,
    message,
    request_key,
)

SCHEDULE = RetrySchedule.of_seconds(5)


def unit_of_work(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, clock=FrozenClock(NOON), ids=FakeIds())


def lease(number: int = 1, *, seconds_later: float = 0) -> Lease:
    at = NOON + timedelta(seconds=seconds_later)
    return Lease(id=UUID(int=number), taken_at=at, until=at + timedelta(seconds=60))


def other_message(number: int) -> Message:
    facts = replace(FACTS, receipt_id=UUID(int=number))
    return Message.about_receipt(facts, id=UUID(int=number), recipient_sealed="s1", at=NOON)


def delivery(number: int = 1, *, to: int = 1) -> WebhookDelivery:
    return WebhookDelivery.of(
        heard_event(number), endpoint(to), id=UUID(int=0x0199 << 100 | number), at=NOON
    )


async def test_a_message_comes_back_as_it_went_in(database: Database) -> None:
    async with unit_of_work(database) as uow:
        assert await uow.messages.add_once(message())
        assert not await uow.messages.add_once(replace(message(), id=UUID(int=5)))
    async with unit_of_work(database) as uow:
        claimed = await uow.messages.claim_due(lease(), limit=10)

    assert claimed == [replace(message(), attempts=1)]


async def test_what_one_worker_holds_another_does_not_get_until_the_lease_is_over(
    database: Database,
) -> None:
    async with unit_of_work(database) as uow:
        await uow.messages.add_once(message())
    async with unit_of_work(database) as uow:
        assert len(await uow.messages.claim_due(lease(1), limit=10)) == 1
    async with unit_of_work(database) as uow:
        assert not await uow.messages.claim_due(lease(2, seconds_later=59), limit=10)
    async with unit_of_work(database) as uow:
        (held,) = await uow.messages.claim_due(lease(3, seconds_later=61), limit=10)

    assert held.attempts == 2


async def test_only_the_holder_of_the_lease_records_what_came_of_it(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.messages.add_once(message())
    async with unit_of_work(database) as uow:
        (claimed,) = await uow.messages.claim_due(lease(1), limit=10)
        await uow.messages.claim_due(lease(2, seconds_later=61), limit=10)
    sent = claimed.after(Outcome.done(), at=NOON, schedule=SCHEDULE)

    async with unit_of_work(database) as uow:
        assert not await uow.messages.settle(sent, lease(1))
        assert await uow.messages.settle(sent, lease(2))
        assert not await uow.messages.settle(sent, lease(2))

    async with database.read() as connection:
        row = (await connection.execute(select(MESSAGE))).one()
    assert (row.state, row.lease_id, row.leased_until) == (MessageState.SENT, None, None)


async def test_a_batch_is_bounded_and_takes_the_longest_due_first(database: Database) -> None:
    async with unit_of_work(database) as uow:
        for number in range(1, 6):
            due_at = NOON - timedelta(seconds=number)
            await uow.messages.add_once(replace(other_message(number), due_at=due_at))
        await uow.messages.add_once(replace(other_message(9), due_at=NOON + timedelta(seconds=1)))
    async with unit_of_work(database) as uow:
        claimed = await uow.messages.claim_due(lease(), limit=3)

    assert [one.id.int for one in claimed] == [5, 4, 3]


async def test_workers_that_claim_at_once_share_and_never_overlap(database: Database) -> None:
    async with unit_of_work(database) as uow:
        for number in range(1, 31):
            await uow.messages.add_once(other_message(number))

    async def work(number: int) -> list[int]:
        async with unit_of_work(database) as uow:
            claimed = await uow.messages.claim_due(lease(number), limit=10)
            await asyncio.sleep(0.01)
        return [one.id.int for one in claimed]

    shares = await asyncio.gather(*(work(number) for number in range(1, 5)))

    taken = [number for share in shares for number in share]
    assert len(taken) == len(set(taken)) == 30


async def test_a_webhook_is_queued_once_for_each_endpoint_and_event(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.endpoints.add_once(endpoint(1))
        await uow.endpoints.add_once(endpoint(2))
        await uow.webhook_deliveries.add_once([delivery(1, to=1)])
        again = replace(delivery(1, to=1), id=UUID(int=3))
        other = replace(delivery(1, to=2), id=UUID(int=4))
        await uow.webhook_deliveries.add_once([again, other])
        await uow.webhook_deliveries.add_once([])
    async with unit_of_work(database) as uow:
        claimed = await uow.webhook_deliveries.claim_due(lease(), limit=10)

    assert {one.id for one in claimed} == {delivery().id, UUID(int=4)}
    assert {one.body for one in claimed} == {heard_event().to_webhook_body()}


async def test_a_settled_webhook_keeps_what_came_of_it(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.endpoints.add_once(endpoint())
        await uow.webhook_deliveries.add_once([delivery()])
    async with unit_of_work(database) as uow:
        (claimed,) = await uow.webhook_deliveries.claim_due(lease(), limit=10)
    later = claimed.after(Outcome.again("http_500", status_code=500), at=NOON, schedule=SCHEDULE)
    async with unit_of_work(database) as uow:
        assert await uow.webhook_deliveries.settle(later, lease())
        held = await uow.webhook_deliveries.get_for_update(delivery().id, client_id=CLIENT)
        with pytest.raises(UnknownDelivery):
            await uow.webhook_deliveries.get_for_update(delivery().id, client_id="other")

    assert held == later


async def test_an_endpoint_is_stored_once_for_a_request_and_kept_from_other_clients(
    database: Database,
) -> None:
    records = SqlWebhookRecords(database)
    async with unit_of_work(database) as uow:
        first = await uow.endpoints.add_once(endpoint())
        again = await uow.endpoints.add_once(replace(endpoint(), id=UUID(int=2)))
        assert first == again == endpoint()
        assert await uow.endpoints.count_kept(CLIENT) == 1
        assert await uow.endpoints.list_hearing(CLIENT, "receipt.issued.v1") == [endpoint()]
        assert not await uow.endpoints.list_hearing(CLIENT, "payment.succeeded.v1")
        assert not await uow.endpoints.list_hearing("other", "receipt.issued.v1")
        assert await uow.endpoints.list_by_id(set()) == {}
        with pytest.raises(UnknownEndpoint):
            await uow.endpoints.get_for_update(UUID(int=2))

    assert await records.get_endpoint(endpoint().id, client_id=CLIENT) == endpoint()
    with pytest.raises(UnknownEndpoint):
        await records.get_endpoint(endpoint().id, client_id="other")


async def test_a_removed_endpoint_is_seen_no_more_but_still_known(database: Database) -> None:
    records = SqlWebhookRecords(database)
    async with unit_of_work(database) as uow:
        await uow.endpoints.add_once(endpoint())
        await uow.endpoints.save(endpoint().move_to(EndpointState.REMOVED))

    assert not await records.list_endpoints(CLIENT)
    async with unit_of_work(database) as uow:
        found = await uow.endpoints.list_by_id({endpoint().id})
    assert found[endpoint().id].state is EndpointState.REMOVED


async def test_deliveries_are_paged_newest_first_and_filtered(database: Database) -> None:
    records = SqlWebhookRecords(database)
    async with unit_of_work(database) as uow:
        await uow.endpoints.add_once(endpoint())
        await uow.webhook_deliveries.add_once([delivery(number) for number in range(1, 6)])
        failed = delivery(2).move_to(WebhookState.FAILED, at=NOON, reason="timeout")
        await uow.webhook_deliveries.save(failed)

    first = await records.list_deliveries(CLIENT, DeliveryFilter(limit=2))
    second = await records.list_deliveries(CLIENT, DeliveryFilter(limit=9, before=first[-1].id))
    only_failed = await records.list_deliveries(CLIENT, DeliveryFilter(state=WebhookState.FAILED))
    nowhere = await records.list_deliveries(CLIENT, DeliveryFilter(endpoint_id=UUID(int=1)))
    nothing = await records.list_deliveries(CLIENT, DeliveryFilter(event_type="x"))
    strangers = await records.list_deliveries("other", DeliveryFilter())

    assert [one.id for one in first] == [delivery(5).id, delivery(4).id]
    assert [one.id for one in second] == [delivery(n).id for n in (3, 2, 1)]
    assert [one.id for one in only_failed] == [delivery(2).id]
    assert not nowhere
    assert not nothing
    assert not strangers


async def test_a_retry_is_found_by_its_request(database: Database) -> None:
    retry = WebhookRetry(
        id=UUID(int=1), delivery_id=delivery().id, asked_at=NOON, request=request_key()
    )
    async with unit_of_work(database) as uow:
        await uow.endpoints.add_once(endpoint())
        await uow.webhook_deliveries.add_once([delivery()])
        assert await uow.retries.find(CLIENT, retry.request.key) is None
        assert await uow.retries.add_once(retry) == retry
        assert await uow.retries.add_once(replace(retry, id=UUID(int=2))) == retry


async def test_a_look_says_whether_anything_is_due(database: Database) -> None:
    waiting = SqlWaitingWork(database)
    assert not await waiting.message_due(NOON)
    assert not await waiting.webhook_due(NOON)

    async with unit_of_work(database) as uow:
        await uow.messages.add_once(message())
        await uow.endpoints.add_once(endpoint())
        await uow.webhook_deliveries.add_once([delivery()])

    assert await waiting.message_due(NOON)
    assert await waiting.webhook_due(NOON)
    assert not await waiting.message_due(NOON - timedelta(seconds=1))


async def test_readiness_means_that_the_tables_are_there(database_url: str) -> None:
    empty = Database.open(database_url)
    try:
        assert not await SqlWebhookRecords(empty).is_ready()
    finally:
        await empty.close()
