"""Midnight of 31 December in Vietnam, while fifty writers are at it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.clock import vietnam_date
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.migrations import upgrade_async
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.series.tables import RECEIPT_SERIES
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_numbered_receipts import sign_numbered_receipts
from services.receipt.use_cases.series.close_series import GRACE, close_past_series
from services.receipt.use_cases.series.tools import SeriesTools
from tests.receipt.conftest import MIGRATIONS
from tests.receipt.samples import BODY, SECRET, line, paid_fee

pytestmark = [pytest.mark.integration]
MIDNIGHT = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
WRITERS = 50
BEFORE = timedelta(seconds=1.5)
SECONDS = 3.0


class Running:
    """A clock that goes on from a moment."""

    def __init__(self, begins: datetime) -> None:
        self._begins = begins
        self._since = time.monotonic()

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=time.monotonic() - self._since)


@pytest.fixture
async def year(postgresql_url: str) -> AsyncIterator[Database]:
    await upgrade_async(postgresql_url, MIGRATIONS)
    opened = Database.open(postgresql_url)
    yield opened
    await opened.close()


async def test_the_new_symbol_begins_with_one_and_the_old_one_is_whole(
    year: Database, sealer: Sealer, signer: XmlReceiptSigner
) -> None:
    clock = Running(MIDNIGHT - BEFORE)
    # A machine whose clock is a little ahead must not make the other's dates run backwards.
    clocks = (clock, Running(MIDNIGHT - BEFORE + timedelta(milliseconds=150)))
    ids, sealed = SystemIds(), sealer.seal(SECRET, purpose="payer")
    ends = time.monotonic() + SECONDS
    tools = SeriesTools(
        open_uow=lambda: SqlUnitOfWork(year, clock=clock, ids=ids), clock=clock, ids=ids
    )
    async with SqlUnitOfWork(year, clock=clock, ids=ids) as uow:
        await uow.collecting_bodies.save(BODY, published_at=clock.now())

    async def write(number: int) -> None:
        mine = clocks[number % len(clocks)]
        while time.monotonic() < ends:
            fee = paid_fee(line("le_phi"), intent_id=uuid4(), payer_sealed=sealed)
            await number_receipts(
                [Paid(fee=fee, caused_by=uuid4())],
                uow=SqlUnitOfWork(year, clock=mine, ids=ids),
                seals=sealer,
                clock=mine,
                ids=ids,
            )

    async def close() -> None:
        """As the schedule does, all along: what is drawn from meanwhile is not closed."""
        while time.monotonic() < ends:
            await close_past_series(tools=tools)
            await asyncio.sleep(0.05)

    await asyncio.gather(close(), *(write(number) for number in range(WRITERS)))
    await _sign(year, sealer, signer, ids)
    later = FrozenClock(MIDNIGHT + GRACE)
    assert await close_past_series(tools=replace(tools, clock=later)) == 0

    numbers = select(RECEIPT.c.symbol, RECEIPT.c.number, RECEIPT.c.numbered_at).order_by(
        RECEIPT.c.number
    )
    async with year.read() as connection:
        rows = (await connection.execute(numbers)).all()
        series = (await connection.execute(select(RECEIPT_SERIES))).all()
    last = {row.symbol: row.last_number for row in series}
    states = {row.symbol: (row.state, row.closing) for row in series}
    assert states == {"AA-26E": ("closed", "year_end"), "AA-27E": ("open", None)}
    for symbol, days in (("AA-26E", 2026), ("AA-27E", 2027)):
        mine = [row for row in rows if row.symbol == symbol]
        assert len(mine) > WRITERS
        assert [row.number for row in mine] == list(range(1, last[symbol] + 1))
        assert {vietnam_date(row.numbered_at).year for row in mine} == {days}
        instants = [row.numbered_at for row in mine]
        assert instants == sorted(instants)


async def _sign(year: Database, sealer: Sealer, signer: XmlReceiptSigner, ids: SystemIds) -> None:
    clock = FrozenClock(MIDNIGHT + timedelta(minutes=1))
    while await sign_numbered_receipts(
        uow=SqlUnitOfWork(year, clock=clock, ids=ids),
        signer=signer,
        seals=sealer,
        clock=clock,
        count_failed=lambda _failed: None,
    ):
        continue
