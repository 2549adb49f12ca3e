"""Thirty payments a second, every second, and how long each waits for its signed receipt.

Open loop: a notice is sent when its time has come, whether or not the ones before are done, so a
platform that falls behind shows it.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import aiohttp
import asyncpg

from deploy.bench.notices import TARGET, Signed, sign_all
from deploy.bench.stored import Stored
from deploy.stack import Stack

PER_SECOND: Final = 30
SECONDS: Final = 30
LOOK_SECONDS: Final = 0.01
AGAIN_SECONDS: Final = 0.2
WAIT_SECONDS_MAX: Final = 60.0
# Signed a second ahead: a signature is good for a minute.
SIGNED_AHEAD: Final = PER_SECOND
VISIBLE: Final = (
    "SELECT payment_intent_id AS id FROM receipt"
    " WHERE status = 'issued' AND payment_intent_id = ANY($1::uuid[])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyFigures:
    """Milliseconds from the settlement's answer, and from the notice, to the signed XML."""

    settled_p50_ms: float
    settled_p99_ms: float
    noticed_p50_ms: float
    noticed_p99_ms: float
    late_sends: int
    refused: int


@dataclass(slots=True)
class _Payment:
    noticed_at: float = 0.0
    settled_at: float = 0.0
    visible_at: float = 0.0
    refused: int = 0


async def measure(stack: Stack, http: aiohttp.ClientSession, stored: Stored) -> SteadyFigures:
    bills = await stored.add_waiting(PER_SECOND * SECONDS)
    rows = await stored.connection.fetch(
        "SELECT id, bill_reference FROM payment_intent WHERE bill_reference = ANY($1)", list(bills)
    )
    ids: dict[str, UUID] = {row["bill_reference"]: row["id"] for row in rows}
    payee = await stored.payee()
    payments: dict[UUID, _Payment] = {}
    async with _watching(stack, payments):
        began, sends, late = time.monotonic(), [], 0
        for first in range(0, len(bills), SIGNED_AHEAD):
            some = bills[first : first + SIGNED_AHEAD]
            for position, signed in enumerate(sign_all(stack, payee, some)):
                due = began + (first + position) / PER_SECOND
                late += time.monotonic() > due + 1 / PER_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                payment = payments[ids[some[position]]] = _Payment(noticed_at=time.monotonic())
                again = partial(sign_all, stack, payee, [some[position]])
                sends.append(asyncio.create_task(_send(http, stack, (signed, again), payment)))
        await asyncio.gather(*sends)
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not all(payment.visible_at for payment in payments.values()):
            if time.monotonic() > deadline:
                raise RuntimeError("what was paid does not get its receipts")
            await asyncio.sleep(LOOK_SECONDS)
    settled = sorted((one.visible_at - one.settled_at) * 1000 for one in payments.values())
    noticed = sorted((one.visible_at - one.noticed_at) * 1000 for one in payments.values())
    return SteadyFigures(
        settled_p50_ms=statistics.median(settled),
        settled_p99_ms=_p99(settled),
        noticed_p50_ms=statistics.median(noticed),
        noticed_p99_ms=_p99(noticed),
        late_sends=late,
        refused=sum(one.refused for one in payments.values()),
    )


async def _send(
    http: aiohttp.ClientSession,
    stack: Stack,
    notice: tuple[Signed, Callable[[], Sequence[Signed]]],
    payment: _Payment,
) -> None:
    """As a bank does, come again when told to; the clock runs on."""
    signed, again = notice
    url, deadline = stack.url("gateway") + TARGET, time.monotonic() + WAIT_SECONDS_MAX
    while True:
        async with http.post(url, data=signed.raw, headers=signed.headers) as answer:
            said, status = await answer.read(), answer.status
        if status != 503:
            break
        if time.monotonic() > deadline:
            raise RuntimeError("the platform takes no notices")
        payment.refused += 1
        await asyncio.sleep(AGAIN_SECONDS)
        (signed,) = again()
    if status != 200 or b'"settled"' not in said:
        raise RuntimeError(f"notice: {status} {said[:300]!r}")
    payment.settled_at = time.monotonic()


@asynccontextmanager
async def _watching(stack: Stack, payments: dict[UUID, _Payment]) -> AsyncIterator[None]:
    """One look for all at the receipts that are signed."""
    url = stack.database_url("receipt").replace("postgresql+asyncpg://", "postgresql://")
    receipts: asyncpg.Connection[Any] = await asyncpg.connect(url)

    async def watch() -> None:
        while True:
            waiting = [id for id, payment in payments.items() if not payment.visible_at]
            for row in await receipts.fetch(VISIBLE, waiting) if waiting else ():
                # A notice can be receipted before its own answer is read.
                payments[row["id"]].visible_at = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    watcher = asyncio.create_task(watch())
    try:
        yield
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await receipts.close()


def _p99(ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def table(figures: SteadyFigures) -> str:
    return "\n".join(
        [
            "",
            f"{PER_SECOND} payments a second for {SECONDS} s, to the signed XML",
            f"{'':30}{'p50, ms':>12}{'p99, ms':>12}",
            _line("from the settlement", figures.settled_p50_ms, figures.settled_p99_ms),
            _line("from the notice", figures.noticed_p50_ms, figures.noticed_p99_ms),
            f"sent late: {figures.late_sends}; told to come again: {figures.refused}",
        ]
    )


def _line(name: str, p50: float, p99: float) -> str:
    return f"{name:30}{p50:12.0f}{p99:12.0f}"
