"""From the bytes of an event to the bytes of the answer, on real tables."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest
from sqlalchemy import select

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.db import Database
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from chassis.transport import Delivery, Unprocessable
from services.receipt.consumers import CONSUMERS
from services.receipt.consumers.tools import Tools
from services.receipt.domain.errors import AgencyNotKnownYet
from services.receipt.domain.receipts.fee import Payer
from services.receipt.domain.receipts.receipt import Form, Receipt, Status
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.tables import OUTBOX
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.sign_numbered_receipts import sign_numbered_receipts
from tests.receipt.conftest import NewTools
from tests.receipt.samples import BODY, SECRET

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "contracts" / "events"


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class KilledAtSigning:
    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        raise Killed


def example(type: str, **changes: Any) -> dict[str, Any]:
    schema = json.loads((EVENTS / f"{type}.json").read_text("utf-8"))
    event: dict[str, Any] = schema["examples"][0]
    return {**event, "id": str(uuid4()), "data": {**event["data"], **changes}}


def paid(sealer: Sealer, **changes: Any) -> dict[str, Any]:
    sealed = sealer.seal(SECRET, purpose="payer")
    return example("payment.succeeded.v1", **{"payer_sealed": sealed, **changes})


async def take(event: dict[str, Any], tools: Tools) -> None:
    body = json.dumps(event).encode()
    await CONSUMERS.take(Delivery(type=event["type"], body=body, attempt=1), tools)


async def said(database: Database) -> list[bytes]:
    async with database.read() as connection:
        rows = await connection.execute(select(OUTBOX.c.body).order_by(OUTBOX.c.stored_at))
        return [bytes(body) for body in rows.scalars()]


async def test_a_paid_fee_is_a_signed_receipt_and_an_event_that_fits_its_contract(
    tools: Tools, database: Database, sealer: Sealer
) -> None:
    event = paid(sealer)

    await take(event, tools)

    archive = SqlArchive(database)
    (receipt,) = await archive.list_of_payment(UUID(event["data"]["payment_intent_id"]))
    document = await archive.find_document(receipt.id, Form.XML)
    assert receipt.status is Status.ISSUED
    assert document is not None
    assert sha256_hex(document.body) == receipt.xml_sha256
    assert SECRET["full_name"].encode() in document.body
    (body,) = await said(database)
    schema = json.loads((EVENTS / "receipt.issued.v1.json").read_text("utf-8"))
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(json.loads(body))
    assert json.loads(body)["data"]["xml_sha256"] == receipt.xml_sha256
    for personal in SECRET.values():
        assert str(personal).encode() not in body
        assert json.dumps(personal).encode() not in body


async def test_a_redelivered_event_makes_no_second_receipt_and_says_nothing_new(
    tools: Tools, database: Database, sealer: Sealer
) -> None:
    event = paid(sealer)

    for _ in range(3):
        await take(event, tools)
    await take({**event, "id": str(uuid4())}, tools)

    intent_id = UUID(event["data"]["payment_intent_id"])
    assert len(await SqlArchive(database).list_of_payment(intent_id)) == 1
    assert len(await said(database)) == 1


async def test_a_payment_of_both_kinds_has_two_receipts_that_know_of_each_other(
    tools: Tools, database: Database, sealer: Sealer
) -> None:
    (line,) = paid(sealer)["data"]["lines"]
    lines = [{**line, "amount_minor_units": 30_000, "kind": "phi"}, line]
    await take(paid(sealer, lines=lines, amount_minor_units=130_000), tools)

    data = [json.loads(body)["data"] for body in await said(database)]
    data.sort(key=lambda one: one["number"])
    assert [(one["kind"], one["number"], one["part"], one["parts"]) for one in data] == [
        ("phi", 1, 1, 2),
        ("le_phi", 2, 2, 2),
    ]
    assert [one["amount_minor_units"] for one in data] == [30_000, 100_000]


async def test_a_kill_between_numbering_and_signing_leaves_the_number_to_the_redelivery(
    tools: Tools, new_tools: NewTools, database: Database, sealer: Sealer
) -> None:
    event = paid(sealer)
    with pytest.raises(asyncio.CancelledError):
        await take(event, new_tools(KilledAtSigning()))
    assert await said(database) == []

    await take(event, tools)

    intent_id = UUID(event["data"]["payment_intent_id"])
    (receipt,) = await SqlArchive(database).list_of_payment(intent_id)
    assert (receipt.number.number, receipt.status) == (1, Status.ISSUED)


async def test_a_kill_between_numbering_and_signing_leaves_the_number_to_the_pass(
    new_tools: NewTools,
    new_uow: Callable[[], SqlUnitOfWork],
    signer: XmlReceiptSigner,
    database: Database,
    sealer: Sealer,
    clock: FrozenClock,
) -> None:
    event = paid(sealer)
    with pytest.raises(asyncio.CancelledError):
        await take(event, new_tools(KilledAtSigning()))
    archive, intent_id = SqlArchive(database), UUID(event["data"]["payment_intent_id"])
    (numbered,) = await archive.list_of_payment(intent_id)
    clock.advance(timedelta(seconds=10))
    now: Clock = clock

    taken = await sign_numbered_receipts(
        uow=new_uow(), signer=signer, seals=sealer, clock=now, count_failed=lambda _failed: None
    )

    (issued,) = await archive.list_of_payment(intent_id)
    assert taken == 1
    assert (issued.id, issued.number, issued.status) == (
        numbered.id,
        numbered.number,
        Status.ISSUED,
    )
    assert len(await said(database)) == 1


async def test_money_ahead_of_its_agency_waits_for_it(
    tools: Tools, database: Database, sealer: Sealer
) -> None:
    event = paid(sealer, agency_code="H19.30")

    with pytest.raises(AgencyNotKnownYet):
        await take(event, tools)

    await take(example("agency.published.v1", agency_code="H19.30"), tools)
    await take(event, tools)
    (body,) = await said(database)
    assert json.loads(body)["data"]["agency_code"] == "H19.30"


async def test_what_can_never_become_a_receipt_is_parked(tools: Tools, sealer: Sealer) -> None:
    for hopeless in (
        paid(sealer, amount_minor_units=1),
        paid(sealer, payer_sealed="s1.2026.AAAA.AAAA"),
        paid(sealer, payment_intent_id="no uuid"),
    ):
        with pytest.raises(Unprocessable):
            await take(hopeless, tools)


async def test_an_agency_is_learned_and_learned_anew(tools: Tools, database: Database) -> None:
    later = example("agency.published.v1", name="Tên mới")
    later["time"] = "2026-12-01T00:00:00Z"
    await take(later, tools)
    await take(example("agency.published.v1", name="Tên cũ"), tools)

    async with tools.new_uow() as uow:
        found = await uow.collecting_bodies.find(BODY.agency_code, on=BODY.valid_from)

    assert found is not None
    assert found.name == "Tên mới"
