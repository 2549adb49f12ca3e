"""The worker as it runs: events come in, a receipt and its announcement come out."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from chassis.transport import Outgoing
from services.receipt.domain.receipts.receipt import Status
from services.receipt.settings import ReceiptSettings
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.worker import create_worker
from tests.internal_keys import signed
from tests.receipt.samples import SECRET

EVENTS = Path(__file__).parents[2] / "contracts" / "events"
WAIT_SECONDS_MAX = 30.0


class Transport(InProcessTransport):
    """Also notices when the house has said something."""

    def __init__(self) -> None:
        super().__init__(delays_milliseconds=(100,) * 50)
        self.said = asyncio.Event()

    async def publish(self, events: Sequence[Outgoing]) -> None:
        if any(event.type == "receipt.issued.v1" for event in events):
            self.said.set()
        await super().publish(events)


@pytest.fixture
async def transport(
    settings: ReceiptSettings, database: Database, clock: FrozenClock
) -> AsyncIterator[Transport]:
    transport = Transport()
    stop = asyncio.Event()
    worker = create_worker(settings, transport=transport, database=database, clock=clock)
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0)
    yield transport
    stop.set()
    await running


def example(type: str, **changes: Any) -> Outgoing:
    event = json.loads((EVENTS / f"{type}.json").read_text("utf-8"))["examples"][0]
    id = uuid4()
    event = {**event, "id": str(id), "data": {**event["data"], **changes}}
    return Outgoing(id=id, type=type, body=json.dumps(event).encode())


async def test_money_and_agency_in_any_order_become_a_receipt_that_is_announced(
    transport: Transport, database: Database, sealer: Sealer, keys_dir: Path
) -> None:
    sealed = sealer.seal(SECRET, purpose="payer")
    paid = example("payment.succeeded.v1", payer_sealed=sealed)
    intent_id = UUID(json.loads(paid.body)["data"]["payment_intent_id"])

    early = asyncio.create_task(transport.publish([signed(paid, keys_dir)]))
    await asyncio.sleep(0.05)
    await transport.publish([signed(example("agency.published.v1"), keys_dir)])
    await asyncio.wait_for(early, WAIT_SECONDS_MAX)

    (receipt,) = await SqlArchive(database).list_of_payment(intent_id)
    assert receipt.status is Status.ISSUED
    await asyncio.wait_for(transport.said.wait(), WAIT_SECONDS_MAX)
