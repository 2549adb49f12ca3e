import pytest

from chassis.sealing import BrokenSeal
from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.message import RECIPIENT_PURPOSE
from services.notification.use_cases.tell_client import tell_client
from services.notification.use_cases.tell_of_receipt import IssuedReceipt, tell_of_receipt
from tests.notification.fakes import FakeUnitOfWork
from tests.notification.samples import (
    FACTS,
    PAYER_ADDRESS,
    PAYER_ID,
    PAYER_NAME,
    SEALER,
    endpoint,
    heard_event,
    issued_receipt,
    payer_sealed,
)


async def tell(uow: FakeUnitOfWork, receipt: IssuedReceipt, ids: FakeIds) -> None:
    await tell_of_receipt(receipt, uow=uow, sealer=SEALER, clock=FrozenClock(), ids=ids)


async def test_an_event_said_twice_makes_one_letter_and_one_webhook() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()
    await uow.endpoints.add_once(endpoint())

    await tell(uow, issued_receipt(), ids)
    await tell(uow, issued_receipt(), ids)

    assert len(uow.messages.rows) == 1
    assert len(uow.webhook_deliveries.rows) == 1


async def test_one_receipt_under_two_event_ids_still_makes_one_letter() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()

    await tell(uow, issued_receipt(1), ids)
    await tell(uow, issued_receipt(2), ids)

    assert len(uow.messages.rows) == 1


async def test_only_name_and_address_are_kept_and_only_sealed() -> None:
    uow = FakeUnitOfWork()

    await tell(uow, issued_receipt(), FakeIds())

    (message,) = uow.messages.rows.values()
    kept = SEALER.unseal(message.recipient_sealed, purpose=RECIPIENT_PURPOSE)
    assert kept == {"email": PAYER_ADDRESS, "full_name": PAYER_NAME}
    for personal in (PAYER_ADDRESS, PAYER_NAME, PAYER_ID):
        assert personal not in repr(message)


@pytest.mark.parametrize("email", [None, "", "  "])
async def test_a_payer_without_an_address_gets_no_letter_but_the_client_is_told(
    email: str | None,
) -> None:
    uow = FakeUnitOfWork()
    await uow.endpoints.add_once(endpoint())

    await tell(uow, issued_receipt(sealed=payer_sealed(email)), FakeIds())

    assert not uow.messages.rows
    assert len(uow.webhook_deliveries.rows) == 1


async def test_a_receipt_without_a_payer_gets_no_letter() -> None:
    uow = FakeUnitOfWork()

    await tell(uow, IssuedReceipt(event=heard_event(), facts=FACTS, payer_sealed=None), FakeIds())

    assert not uow.messages.rows


async def test_a_seal_that_does_not_open_is_refused_and_nothing_is_queued() -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(BrokenSeal):
        await tell(uow, issued_receipt(sealed="s1.test.AAAA.AAAA"), FakeIds())

    assert not uow.messages.rows


async def test_only_endpoints_that_asked_for_the_type_are_told() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()
    await uow.endpoints.add_once(endpoint(1))
    await uow.endpoints.add_once(endpoint(2, event_types=("payment.succeeded.v1",)))

    await tell_client(heard_event(), uow=uow, clock=FrozenClock(), ids=ids)

    assert uow.webhook_deliveries.only.endpoint_id == endpoint(1).id


async def test_an_event_of_no_client_or_another_client_tells_nobody() -> None:
    uow, ids = FakeUnitOfWork(), FakeIds()
    await uow.endpoints.add_once(endpoint())

    await tell_client(heard_event(1, client_id=None), uow=uow, clock=FrozenClock(), ids=ids)
    await tell_client(heard_event(2, client_id="other"), uow=uow, clock=FrozenClock(), ids=ids)

    assert not uow.webhook_deliveries.rows
