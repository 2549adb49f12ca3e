"""The worker as it runs: a payment comes in, and within the second an outside receipt goes out."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import Mode
from services.receipt.settings import ReceiptSettings
from services.receipt.worker import create_worker
from tests.internal_keys import signed
from tests.receipt.outside.town import AGENCIES, VIETTEL, VNPT, Town, town
from tests.receipt.samples import SECRET
from tests.receipt.test_worker import Transport, example

ISSUERS = pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
SECOND = 1.5
PATIENCE = 20.0


@pytest.fixture
async def outside(
    database: Database, clock: FrozenClock, sealer: Sealer, keys_dir: Path, tmp_path: Path
) -> AsyncIterator[Town]:
    mine = tmp_path / "keys"
    shutil.copytree(keys_dir, mine)
    async with town(database, clock, sealer, mine) as opened:
        yield opened


@pytest.fixture
async def transport(
    database_url: str, database: Database, outside: Town
) -> AsyncIterator[Transport]:
    settings = ReceiptSettings(
        database_url=database_url,
        keys_dir=outside.keys_dir,
        issuer_sandbox_url=outside.url,
        issuer_timeout_seconds=0.5,
        pdfs_ahead=False,
    )
    transport, stop = Transport(), asyncio.Event()
    worker = create_worker(settings, transport=transport, database=database, clock=SystemClock())
    running = asyncio.create_task(worker.run(stop))
    await asyncio.sleep(0.2)
    yield transport
    stop.set()
    await running


async def pay(transport: Transport, outside: Town, issuer: str) -> None:
    line = {
        "line_code": "LP-001",
        "name": "Lệ phí",
        "kind": "le_phi",
        "quantity": 1,
        "amount_minor_units": 90_000,
        "legal_basis": "",
    }
    event = example(
        "payment.succeeded.v1",
        payment_intent_id=str(uuid4()),
        agency_code=AGENCIES[issuer],
        amount_minor_units=90_000,
        lines=[line],
        payer_sealed=outside.sealer.seal(SECRET, purpose="payer"),
    )
    await transport.publish([signed(event, outside.keys_dir)])


@ISSUERS
async def test_a_payment_has_its_outside_receipt_announced_within_the_second(
    transport: Transport, outside: Town, issuer: str
) -> None:
    started = asyncio.get_running_loop().time()
    await pay(transport, outside, issuer)

    await asyncio.wait_for(transport.said.wait(), PATIENCE)

    assert asyncio.get_running_loop().time() - started < SECOND
    assert await outside.states() == ["issued"]
    assert outside.their_numbers(issuer) == [1]


async def test_a_silent_issuer_keeps_nobody_elses_receipt_back_and_is_asked_again(
    transport: Transport, outside: Town
) -> None:
    outside.tell(Mode.SILENT, "ImportAndPublishInv", VNPT)
    await pay(transport, outside, VNPT)
    await pay(transport, outside, VIETTEL)

    await asyncio.wait_for(transport.said.wait(), PATIENCE)
    assert sorted(await outside.states()) in (["asked", "issued"], ["issued", "unknown"])
    async with asyncio.timeout(PATIENCE):
        while await outside.states() != ["issued", "issued"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    assert (outside.their_numbers(VNPT), outside.their_numbers(VIETTEL)) == ([1], [1])


async def test_what_waits_and_what_does_not_fit_is_measured(
    transport: Transport, outside: Town
) -> None:
    # The first measure is taken at the start, when nothing waits.
    labels = {"issuer": VNPT, "state": "refused"}
    async with asyncio.timeout(PATIENCE):
        while REGISTRY.get_sample_value("receipt_outside_undone", labels) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert REGISTRY.get_sample_value("receipt_outside_oldest_seconds", {"issuer": VNPT}) == 0
    labels = {"issuer": VNPT, "reason": "number_missing"}
    assert REGISTRY.get_sample_value("receipt_outside_findings", labels) == 0
