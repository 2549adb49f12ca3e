import json
from pathlib import Path
from typing import Any

import pytest

from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from chassis.transport import Delivery, Unprocessable
from services.notification.channels.letters import LetterWriter
from services.notification.consumers import CONSUMERS
from services.notification.consumers.tools import Tools
from services.notification.domain.events import PUBLIC_EVENT_TYPES
from services.notification.domain.sending import Lease
from services.notification.domain.webhook_delivery import WebhookDelivery
from services.notification.ports import DeliveryFilter, Documents, Letter
from services.notification.storage.records import SqlWaitingWork, SqlWebhookRecords
from services.notification.storage.unit_of_work import SqlUnitOfWork
from tests.notification.samples import (
    CLIENT,
    NOON,
    PAYER_ADDRESS,
    PAYER_ID,
    PAYER_NAME,
    SEALER,
    endpoint,
    payer_sealed,
    receipt_issued_data,
)

CONTRACTS = Path(__file__).parents[3] / "contracts" / "events"
ID = "0199c0de-0000-7000-8000-00000000000"
PAYMENT_SUCCEEDED = {
    "payment_intent_id": f"{ID}1",
    "dossier_id": f"{ID}2",
    "dossier_code": "H19.25-261123-0001",
    "source": "dossier",
    "reference": None,
    "procedure_code": "1.001234",
    "procedure_name": "Cấp giấy chứng nhận",
    "agency_code": "H19.25",
    "agency_name": "Trung tâm Phục vụ hành chính công",
    "client_id": CLIENT,
    "amount_minor_units": 150_000,
    "currency": "VND",
    "method": "vietqr",
    "provider": "sandbox",
    "provider_reference": "FT26327000001",
    "evidence_level": "P1",
    "paid_at": "2026-11-23T05:00:00Z",
    "lines": [
        {
            "line_code": "LP01",
            "name": "Lệ phí",
            "kind": "le_phi",
            "quantity": 1,
            "amount_minor_units": 150_000,
            "legal_basis": "NQ 12/2024/NQ-HĐND",
            "agency_code": None,
        }
    ],
}
ENDED = {
    name: PAYMENT_SUCCEEDED[name]
    for name in (
        "payment_intent_id",
        "dossier_id",
        "dossier_code",
        "source",
        "reference",
        "client_id",
    )
}
DISCREPANCY_FOUND = {
    "discrepancy_id": f"{ID}3",
    "payment_intent_id": None,
    "client_id": CLIENT,
    "reason": "underpaid",
    "expected_minor_units": 150_000,
    "received_minor_units": 149_000,
    "currency": "VND",
    "provider": "sandbox",
    "provider_reference": "FT26327000002",
    "found_at": "2026-11-23T05:00:00Z",
}
BATCH_COMPLETED = {
    "bill_batch_id": f"{ID}7",
    "client_id": CLIENT,
    "lines": 3,
    "opened": 2,
    "refused": 1,
    "completed_at": "2026-11-23T05:00:00Z",
}
STATE_CHANGED = {
    "dossier_id": f"{ID}2",
    "dossier_code": "H19.25-261123-0001",
    "client_id": CLIENT,
    "from_state": 6,
    "to_state": 2,
    "reason": "payment_succeeded",
    "changed_at": "2026-11-23T05:00:00Z",
}
REFUND = {
    "refund_id": f"{ID}4",
    "payment_intent_id": f"{ID}1",
    "discrepancy_id": None,
    "dossier_id": f"{ID}2",
    "dossier_code": "H19.25-261123-0001",
    "client_id": CLIENT,
    "agency_code": "H19.25",
    "amount_minor_units": 50_000,
    "currency": "VND",
    "items": [{"kind": "phi", "amount_minor_units": 50_000}],
    "requested_at": "2026-11-23T05:00:00Z",
}
REFUND_SUCCEEDED = {
    **REFUND,
    "provider": "sandbox",
    "provider_reference": "RF26327000001",
    "refunded_at": "2026-11-23T06:00:00Z",
}
CORRECTS = {
    "correction": "replacement",
    "corrects_id": f"{ID}7",
    "corrects_form_code": "01BLP0-001",
    "corrects_symbol": "AA-26E",
    "corrects_printed_number": "00000016",
}
DATA: dict[str, dict[str, Any]] = {
    "receipt.replaced.v1": receipt_issued_data(**CORRECTS),
    "receipt.adjusted.v1": receipt_issued_data(**CORRECTS | {"correction": "decrease"}),
    "receipt.cancelled.v1": {
        name: value
        for name, value in receipt_issued_data(cancelled_at="2026-11-24T05:00:00Z").items()
        if name not in ("number", "issued_at", "xml_sha256", "lookup_code", "part", "parts")
    },
    "refund.requested.v1": REFUND,
    "refund.succeeded.v1": REFUND_SUCCEEDED,
    "refund.failed.v1": {**REFUND, "status": "failed", "failed_at": "2026-11-23T06:00:00Z"},
    "payment.succeeded.v1": PAYMENT_SUCCEEDED,
    "payment.expired.v1": ENDED | {"expired_at": "2026-11-23T05:00:00Z"},
    "payment.cancelled.v1": ENDED | {"cancelled_at": "2026-11-23T05:00:00Z"},
    "payment.revived.v1": ENDED | {"status": "confirmed", "expires_at": "2026-11-24T05:00:00Z"},
    "payment.discrepancy_found.v1": DISCREPANCY_FOUND,
    "bill_batch.completed.v1": BATCH_COMPLETED,
    "receipt.issued.v1": receipt_issued_data(),
    "dossier.state_changed.v1": STATE_CHANGED,
}


def arrival(type: str, data: dict[str, Any], number: int = 1) -> Delivery:
    envelope = {
        "specversion": "1.0",
        "id": f"0199e7e7-0000-7000-8000-{number:012d}",
        "type": type,
        "source": CONSUMERS.producers[type],
        "subject": "anything",
        "time": "2026-11-23T05:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    return Delivery(type=type, body=json.dumps(envelope).encode(), attempt=1)


def tools(database: Database) -> Tools:
    clock, ids = FrozenClock(NOON), FakeIds()
    return Tools(
        open_uow=lambda: SqlUnitOfWork(database, clock=clock, ids=ids),
        sealer=SEALER,
        clock=clock,
        ids=ids,
    )


async def listen(database: Database) -> None:
    async with tools(database).open_uow() as uow:
        await uow.endpoints.add_once(endpoint(event_types=PUBLIC_EVENT_TYPES))


async def queued(database: Database) -> list[WebhookDelivery]:
    return list(await SqlWebhookRecords(database).list_deliveries(CLIENT, DeliveryFilter()))


def test_every_public_event_is_heard_and_no_other() -> None:
    assert set(CONSUMERS.types) == set(PUBLIC_EVENT_TYPES)


@pytest.mark.parametrize("type", PUBLIC_EVENT_TYPES)
async def test_an_event_becomes_a_webhook_with_its_data_and_nothing_personal(
    database: Database, type: str
) -> None:
    data = DATA[type]
    await listen(database)

    await CONSUMERS.take(arrival(type, data | {"payer_sealed": payer_sealed()}), tools(database))

    (delivery,) = await queued(database)
    body = json.loads(delivery.body)
    assert body["type"] == type
    assert body["timestamp"] == "2026-11-23T05:00:00+00:00"
    assert body["data"] == {name: value for name, value in data.items() if name != "payer_sealed"}


async def test_a_field_we_do_not_know_does_not_leave_by_webhook(database: Database) -> None:
    await listen(database)

    await CONSUMERS.take(
        arrival("dossier.state_changed.v1", STATE_CHANGED | {"applicant": PAYER_NAME}),
        tools(database),
    )

    (delivery,) = await queued(database)
    assert "applicant" not in json.loads(delivery.body)["data"]


async def test_a_redelivered_event_makes_one_message_and_one_webhook(database: Database) -> None:
    await listen(database)
    event = arrival("receipt.issued.v1", receipt_issued_data())

    for _ in range(3):
        await CONSUMERS.take(event, tools(database))

    assert len(await queued(database)) == 1
    assert await SqlWaitingWork(database).message_due(NOON)


async def test_what_cannot_be_read_is_parked_without_quoting_it(database: Database) -> None:
    broken = receipt_issued_data(number="một", lookup_code=PAYER_NAME)

    with pytest.raises(Unprocessable) as parked:
        await CONSUMERS.take(arrival("receipt.issued.v1", broken), tools(database))

    assert PAYER_NAME not in str(parked.value)


async def test_a_seal_that_does_not_open_is_parked_and_leaves_no_trace(
    database: Database,
) -> None:
    await listen(database)
    sealed = payer_sealed()[:-4] + "AAAA"

    with pytest.raises(Unprocessable) as parked:
        await CONSUMERS.take(
            arrival("receipt.issued.v1", receipt_issued_data(payer_sealed=sealed)),
            tools(database),
        )

    assert not await queued(database)
    for personal in (PAYER_NAME, PAYER_ADDRESS, PAYER_ID):
        assert personal not in str(parked.value)


async def test_a_bill_of_no_dossier_is_told_of_by_its_billers_own_name(database: Database) -> None:
    await listen(database)
    nothing = {"dossier_id": None, "dossier_code": None}
    bill = {"source": "bill", "reference": "HP-0001", "procedure_code": None}
    paid = PAYMENT_SUCCEEDED | nothing | bill | {"procedure_name": None}
    issued = receipt_issued_data(**nothing, reference="HP-0001")

    await CONSUMERS.take(arrival("payment.succeeded.v1", paid), tools(database))
    await CONSUMERS.take(arrival("receipt.issued.v1", issued, 2), tools(database))

    told = [json.loads(one.body)["data"] for one in await queued(database)]
    assert [one["reference"] for one in told] == ["HP-0001", "HP-0001"]
    message = await SqlWaitingWork(database).message_due(NOON)
    assert message


@pytest.mark.parametrize("type", PUBLIC_EVENT_TYPES)
def test_the_producers_example_is_understood(type: str) -> None:
    contract = json.loads((CONTRACTS / f"{type}.json").read_text())

    for example in contract["examples"]:
        model = CONSUMERS._table[type].model
        event = model.model_validate(example)
        public = event.data.public()
        assert set(public) == set(example["data"]) - {"payer_sealed"}


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("receipt.replaced.v1", "thay thế biên lai AA-26E số 00000016; biên lai đó không còn"),
        ("receipt.adjusted.v1", "điều chỉnh biên lai AA-26E số 00000016; hãy giữ cả hai"),
    ],
)
async def test_the_letter_of_a_correction_names_the_receipt_that_it_corrects(
    database: Database, type_: str, words: str
) -> None:
    await CONSUMERS.take(arrival(type_, DATA[type_]), tools(database))

    lease = Lease(id=FakeIds().new(), taken_at=NOON, until=NOON)
    async with SqlUnitOfWork(database, clock=FrozenClock(NOON), ids=FakeIds()) as uow:
        (message,) = await uow.messages.claim_due(lease, limit=2)
    letter = Letter(
        message_id=message.id,
        to_address=PAYER_ADDRESS,
        to_name=PAYER_NAME,
        facts=message.facts,
        documents=Documents(xml=b"", pdf=b""),
    )
    written = LetterWriter(lookup_url="https://example.vn", sender_name="x").write(letter)
    assert words in written.text
    assert "AA-26E số 00000016" in written.html
