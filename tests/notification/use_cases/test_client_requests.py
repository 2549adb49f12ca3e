from dataclasses import replace

import pytest

from chassis.idempotency import KeyReused
from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.errors import (
    EndpointRemoved,
    IllegalTransition,
    TooManyEndpoints,
    UnacceptableUrl,
    UnknownDelivery,
    UnknownEndpoint,
)
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_delivery import WebhookDelivery, WebhookState
from services.notification.domain.webhook_endpoint import (
    ENDPOINTS_PER_CLIENT_MAX,
    EndpointState,
    WebhookEndpoint,
)
from services.notification.use_cases.register_endpoint import WantedEndpoint, register_endpoint
from services.notification.use_cases.remove_endpoint import remove_endpoint
from services.notification.use_cases.retry_delivery import retry_delivery
from tests.notification.fakes import FakeUnitOfWork
from tests.notification.samples import CLIENT, NOON, endpoint, heard_event, request_key

WANTED = WantedEndpoint(
    url="https://portal.example.vn/hooks",
    event_types=["receipt.issued.v1", "payment.succeeded.v1", "receipt.issued.v1"],
    allow_private=False,
)


async def register(
    uow: FakeUnitOfWork,
    ids: FakeIds,
    *,
    request: RequestKey | None = None,
    wanted: WantedEndpoint = WANTED,
) -> WebhookEndpoint:
    return await register_endpoint(
        wanted, request=request or request_key(), uow=uow, clock=FrozenClock(), ids=ids
    )


async def failed_delivery(uow: FakeUnitOfWork) -> WebhookDelivery:
    await uow.endpoints.add_once(endpoint())
    pending = WebhookDelivery.of(heard_event(), endpoint(), id=heard_event().id, at=NOON)
    failed = pending.move_to(WebhookState.FAILED, at=NOON, reason="timeout")
    await uow.webhook_deliveries.add_once([failed])
    return failed


async def test_registering_twice_with_one_key_makes_one_endpoint() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()

    first = await register(uow, ids)
    again = await register(uow, ids)

    assert first == again
    assert first.event_types == ("payment.succeeded.v1", "receipt.issued.v1")


async def test_one_key_for_two_requests_is_refused() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()
    await register(uow, ids)

    with pytest.raises(KeyReused):
        await register(uow, ids, request=request_key(fingerprint="0" * 64))


async def test_an_address_inside_our_network_is_not_registered() -> None:
    with pytest.raises(UnacceptableUrl):
        await register(
            FakeUnitOfWork(), FakeIds(), wanted=replace(WANTED, url="http://169.254.169.254/")
        )


async def test_a_client_has_only_so_many_endpoints() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()
    for number in range(ENDPOINTS_PER_CLIENT_MAX):
        await register(uow, ids, request=request_key(f"key-{number:05d}"))

    with pytest.raises(TooManyEndpoints):
        await register(uow, ids, request=request_key("key-99999"))


async def test_only_its_owner_removes_an_endpoint_and_only_once() -> None:
    uow = FakeUnitOfWork()
    await uow.endpoints.add_once(endpoint())

    with pytest.raises(UnknownEndpoint):
        await remove_endpoint(endpoint().id, client_id="other", uow=uow)
    await remove_endpoint(endpoint().id, client_id=CLIENT, uow=uow)
    with pytest.raises(UnknownEndpoint):
        await remove_endpoint(endpoint().id, client_id=CLIENT, uow=uow)


async def test_a_retry_said_twice_is_one_retry() -> None:
    uow, ids, clock = FakeUnitOfWork(), FakeIds(), FrozenClock()
    failed = await failed_delivery(uow)

    first = await retry_delivery(failed.id, request=request_key(), uow=uow, clock=clock, ids=ids)
    again = await retry_delivery(failed.id, request=request_key(), uow=uow, clock=clock, ids=ids)

    assert first == again
    assert uow.webhook_deliveries.only.state is WebhookState.PENDING


async def test_a_retry_key_is_good_for_one_delivery() -> None:
    uow, ids, clock = FakeUnitOfWork(), FakeIds(), FrozenClock()
    failed = await failed_delivery(uow)
    await retry_delivery(failed.id, request=request_key(), uow=uow, clock=clock, ids=ids)

    with pytest.raises(KeyReused):
        await retry_delivery(
            failed.id, request=request_key(fingerprint="0" * 64), uow=uow, clock=clock, ids=ids
        )


async def test_only_a_failed_delivery_is_retried() -> None:
    uow, ids, clock = FakeUnitOfWork(), FakeIds(), FrozenClock()
    failed = await failed_delivery(uow)
    await uow.webhook_deliveries.save(failed.again(at=NOON))

    with pytest.raises(IllegalTransition):
        await retry_delivery(failed.id, request=request_key(), uow=uow, clock=clock, ids=ids)


async def test_another_clients_delivery_is_unknown() -> None:
    uow, ids, clock = FakeUnitOfWork(), FakeIds(), FrozenClock()
    failed = await failed_delivery(uow)
    stranger = RequestKey(client_id="other", key="key-00001", fingerprint="f" * 64)

    with pytest.raises(UnknownDelivery):
        await retry_delivery(failed.id, request=stranger, uow=uow, clock=clock, ids=ids)


async def test_nothing_is_retried_to_a_removed_endpoint() -> None:
    uow, ids, clock = FakeUnitOfWork(), FakeIds(), FrozenClock()
    failed = await failed_delivery(uow)
    await uow.endpoints.save(endpoint().move_to(EndpointState.REMOVED))

    with pytest.raises(EndpointRemoved):
        await retry_delivery(failed.id, request=request_key(), uow=uow, clock=clock, ids=ids)
