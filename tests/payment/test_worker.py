"""The worker as it runs: a fee request in, a lost notice made good by asking, the events out."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from chassis.canonical import canonical_json
from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import sign_response
from chassis.money import Money
from chassis.transport import Delivery, Outgoing
from services.payment.domain.intents.payment_attempt import ENQUIRY_DELAYS
from services.payment.settings import PaymentSettings
from services.payment.worker import create_worker
from tests.internal_keys import signed
from tests.payment.consumers.test_consumers import fee_requested
from tests.payment.samples import a_confirmation, notice_facts
from tests.payment.world import SqlWorld

SECONDS_MAX = 10.0


class Ear:
    """Hears what the payment service says, and waits for a word."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(self, delivery: Delivery) -> None:
        await self.heard.put(delivery.type)

    async def next(self) -> str:
        return await asyncio.wait_for(self.heard.get(), SECONDS_MAX)


async def test_a_fee_whose_notice_was_lost_is_still_paid_and_announced(
    database: Database, keys_dir: Path
) -> None:
    world, ear, transport = SqlWorld(database), Ear(), InProcessTransport()
    key = load_private_key(keys_dir / "clients" / "bank-sandbox.key.pem")
    assert isinstance(key, EllipticCurvePrivateKey)
    event = fee_requested()
    intent_id = UUID(event["data"]["fee_request_id"])

    def bank(request: httpx.Request) -> httpx.Response:
        bill = request.url.path.rsplit("/", 1)[-1]
        paid = notice_facts(bill, amount=100_000)
        body = canonical_json({"bill_number": bill, "payments": [paid]})
        headers = sign_response(
            status=200,
            body=body,
            method="GET",
            url=str(request.url),
            key_id=thumbprint(key.public_key()),
            key=key,
            clock=world.clock,
        )
        return httpx.Response(200, content=body, headers=headers)

    await transport.subscribe("ear", ["payment.opened.v1", "payment.succeeded.v1"], ear.hear)
    worker = create_worker(
        PaymentSettings(database_url="unused", keys_dir=keys_dir, schedule_seconds=0.05),
        transport=transport,
        database=database,
        clock=world.clock,
        ids=world.ids,
        client=httpx.AsyncClient(transport=httpx.MockTransport(bank)),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0)

    await transport.publish(
        [
            signed(
                Outgoing(id=UUID(event["id"]), type=event["type"], body=json.dumps(event).encode()),
                keys_dir,
            )
        ]
    )
    await world.confirm(intent_id, a_confirmation(amount=Money(100_000)))
    assert await ear.next() == "payment.opened.v1"
    world.clock.advance(ENQUIRY_DELAYS[0])
    assert await ear.next() == "payment.succeeded.v1"

    stop.set()
    await running
