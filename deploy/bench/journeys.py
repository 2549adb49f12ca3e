"""Whole fee payments against a running stack, bounded in number, on loopback only."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import asyncpg

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.message_signatures import CALLBACK, FEE_REQUEST
from deploy.bench.client import Client, Payer, UnexpectedAnswer
from deploy.stack import Stack

PROCEDURE_CODE: Final = "1.012784"
AGENCY_CODE: Final = "H19.25"
LOOK_SECONDS: Final = 0.02
WAIT_SECONDS_MAX: Final = 30.0
ENROLLED_AT_ONCE: Final = 16
SUBMISSION: Final = {
    "procedure_code": PROCEDURE_CODE,
    "agency_code": AGENCY_CODE,
    "channel": "online",
    "payer_type": "person",
    # No e-mail address: a signed PDF costs more than all the rest, and is measured apart.
    "applicant": {"full_name": "Người nộp thử", "address": "Đồng Nai"},
}


@dataclass(slots=True)
class Journey:
    """One payment; times in seconds of the monotonic clock."""

    intent_id: str = ""
    noticed_at: float = 0.0
    receipt_at: float = 0.0

    @property
    def notice_to_receipt_ms(self) -> float:
        """From the bank's notice being sent until the signed XML can be read."""
        return (self.receipt_at - self.noticed_at) * 1000


@dataclass(slots=True)
class World:
    """The clients of one run, and one watcher of the receipts for all journeys in flight."""

    portal: Client
    bank: Client
    payers: "asyncio.Queue[Payer]"
    receipts: "asyncpg.Pool[Any]"
    waiting: dict[str, "asyncio.Future[None]"] = field(default_factory=dict)
    ids: SystemIds = field(default_factory=SystemIds)

    async def open(self) -> str:
        status, raw = await self.portal.post(
            "/v1/dossiers", SUBMISSION, shape=FEE_REQUEST, idempotency_key=str(self.ids.new())
        )
        if status != 201:
            raise UnexpectedAnswer(f"submission: {status} {raw[:300]!r}")
        return str(json.loads(raw)["payment_intent_id"])

    async def confirm(self, payer: Payer, intent_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while True:
            try:
                return (await payer.confirm(intent_id))["payment"]  # type: ignore[no-any-return]
            except UnexpectedAnswer as answer:
                # The fee request is still on its way from the dossier to the payment service.
                if " 404 " not in str(answer) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(LOOK_SECONDS)

    async def pay(self, payment: dict[str, Any], journey: Journey) -> None:
        payee = payment["payee"]
        notice = {
            "notice_id": str(self.ids.new()),
            "provider_reference": self.ids.token(12),
            "bill_number": payment["bill_reference"],
            "purpose": payment["bill_reference"],
            "bank_bin": payee["bank_bin"],
            "account_number": payee["account_number"],
            **payment["amount"],
            "outcome": "succeeded",
            "paid_at": SystemClock().now().isoformat(),
        }
        journey.noticed_at = time.monotonic()
        status, raw = await self.bank.post(
            "/v1/provider-notifications/sandbox", notice, shape=CALLBACK
        )
        if status != 200 or b'"settled"' not in raw:
            raise UnexpectedAnswer(f"notice: {status} {raw[:300]!r}")

    async def run(self) -> Journey:
        journey = Journey()
        journey.intent_id = await self.open()
        # First come, first served: each payer rests until the next one-time code is due.
        payer = await self.payers.get()
        payment = await self.confirm(payer, journey.intent_id)
        self.payers.put_nowait(payer)
        signed = self.waiting[journey.intent_id] = asyncio.get_running_loop().create_future()
        await self.pay(payment, journey)
        await asyncio.wait_for(signed, WAIT_SECONDS_MAX)
        journey.receipt_at = time.monotonic()
        return journey

    async def watch(self) -> None:
        """One look for all: the client's own polling must not be what is measured."""
        query = (
            "SELECT DISTINCT payment_intent_id::text AS id FROM receipt"
            " WHERE status = 'issued' AND payment_intent_id = ANY($1::uuid[])"
        )
        while True:
            if self.waiting:
                for row in await self.receipts.fetch(query, list(self.waiting)):
                    self.waiting.pop(row["id"]).set_result(None)
            await asyncio.sleep(LOOK_SECONDS / 4)


async def run_many(world: World, count: int, *, in_flight: int) -> list[Journey]:
    """So many journeys, so many at a time."""
    watcher = asyncio.create_task(world.watch())
    left = iter(range(count))
    done: list[Journey] = []

    async def lane() -> None:
        for _ in left:
            journey = await world.run()
            done.append(journey)

    try:
        await asyncio.gather(*(lane() for _ in range(in_flight)))
    finally:
        watcher.cancel()
    return done


async def open_world(stack: Stack, http: aiohttp.ClientSession, *, payers: int) -> World:
    origin, keys = stack.url("gateway"), stack.var_dir / "keys"
    clock, ids = SystemClock(), SystemIds()
    enrolled: asyncio.Queue[Payer] = asyncio.Queue()
    for _ in range(payers // ENROLLED_AT_ONCE):
        some = [Payer(http, origin, clock) for _ in range(ENROLLED_AT_ONCE)]
        await asyncio.gather(*(payer.enrol(ids) for payer in some))
        for payer in some:
            enrolled.put_nowait(payer)
    url = stack.database_url("receipt").replace("postgresql+asyncpg://", "postgresql://")
    return World(
        portal=Client(http, origin=origin, client_id="portal-demo", keys_dir=keys),
        bank=Client(http, origin=origin, client_id="bank-sandbox", keys_dir=keys),
        payers=enrolled,
        receipts=await asyncpg.create_pool(url, min_size=1, max_size=2),
    )
