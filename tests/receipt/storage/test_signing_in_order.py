"""A signer that is down for ten minutes: numbers go on, and signatures catch up in their order."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.receipts.fee import Payer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.issue_receipts import issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from services.receipt.use_cases.receipts.sign_numbered_receipts import (
    BATCH_MAX,
    PAUSE,
    sign_numbered_receipts,
)
from tests.receipt.samples import NOON, OTHER_BODY, SECRET, line, paid_fee

EVERY = timedelta(seconds=3)
DOWN_FOR = timedelta(minutes=10)


class Moody:
    """Signs as the one behind it, unless it is down; the clock moves a little with each."""

    def __init__(self, inner: XmlReceiptSigner, clock: FrozenClock) -> None:
        self._inner = inner
        self._clock = clock
        self.down = False
        self.down_for: set[str] = set()

    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        if self.down or receipt.collecting_body.agency_code in self.down_for:
            raise SignerUnavailable("it does not answer")
        self._clock.advance(timedelta(milliseconds=1))
        return await self._inner.sign(receipt, payer, at=at)


class Counter:
    def __init__(
        self,
        new_uow: Callable[[], SqlUnitOfWork],
        signer: Moody,
        sealer: Sealer,
        clock: FrozenClock,
    ) -> None:
        self.signer = signer
        self.clock = clock
        self._new_uow = new_uow
        self._seals = sealer
        self._ids = SystemIds(clock)
        self.failed: list[int] = []

    async def take(self, count: int = 1, agency_code: str = "H19.25") -> None:
        sealed = self._seals.seal(SECRET, purpose="payer")
        paid = [
            Paid(
                fee=paid_fee(
                    line("le_phi", agency_code=agency_code), intent_id=uuid4(), payer_sealed=sealed
                ),
                caused_by=uuid4(),
            )
            for _ in range(count)
        ]
        await issue_receipts(
            paid,
            uow=self._new_uow(),
            signer=self.signer,
            seals=self._seals,
            clock=self.clock,
            ids=self._ids,
        )

    async def sign_what_waits(self) -> int:
        return await sign_numbered_receipts(
            uow=self._new_uow(),
            signer=self.signer,
            seals=self._seals,
            clock=self.clock,
            count_failed=self.failed.append,
        )


@pytest.fixture
async def counter(
    new_uow: Callable[[], SqlUnitOfWork],
    signer: XmlReceiptSigner,
    sealer: Sealer,
    clock: FrozenClock,
) -> Counter:
    async with new_uow() as uow:
        await uow.collecting_bodies.save(OTHER_BODY, published_at=NOON)
    return Counter(new_uow, Moody(signer, clock), sealer, clock)


async def issued_at(database: Database, agency_code: str = "H19.25") -> Sequence[datetime | None]:
    """When each was issued, in the order of the numbers."""
    numbers = (
        select(RECEIPT.c.issued_at)
        .where(RECEIPT.c.agency_code == agency_code)
        .order_by(RECEIPT.c.number)
    )
    async with database.read() as connection:
        return (await connection.execute(numbers)).scalars().all()


async def test_numbers_go_on_and_signatures_catch_up_in_order(
    counter: Counter, database: Database
) -> None:
    await counter.take()
    counter.signer.down = True
    until = counter.clock.now() + DOWN_FOR
    while counter.clock.now() < until:
        await counter.take()
        assert await counter.sign_what_waits() == 0
        counter.clock.advance(EVERY)
    taken = await issued_at(database)
    counter.signer.down = False
    # Those that come while the backlog is worked on stand behind it.
    await counter.take()
    counter.clock.advance(PAUSE)

    signed = [await counter.sign_what_waits()]
    while signed[-1]:
        await counter.take()
        signed.append(await counter.sign_what_waits())
    await counter.take()

    instants = await issued_at(database)
    assert [instant is None for instant in taken] == [False] + [True] * (len(taken) - 1)
    assert len(taken) > DOWN_FOR / EVERY
    assert max(signed) == BATCH_MAX
    assert None not in instants
    assert list(instants) == sorted(instant for instant in instants if instant)


async def test_once_the_backlog_is_gone_receipts_are_signed_at_once_again(
    counter: Counter, database: Database
) -> None:
    counter.signer.down = True
    await counter.take()
    counter.signer.down = False
    await counter.take()
    waited = await issued_at(database)

    await counter.sign_what_waits()
    await counter.take()

    assert waited == [None, None]
    assert None not in await issued_at(database)


async def test_an_agency_whose_signer_is_down_keeps_no_other_agency_waiting(
    counter: Counter, database: Database
) -> None:
    counter.signer.down_for = {"H19.25"}
    for _ in range(2):
        await counter.take()
        await counter.take(agency_code="H19.31")
    counter.signer.down_for = {"H19.31"}
    await counter.take(agency_code="H19.31")

    while await counter.sign_what_waits():
        pass
    first = await issued_at(database)
    counter.signer.down_for = set()
    counter.clock.advance(PAUSE)
    while await counter.sign_what_waits():
        pass

    assert None not in first
    assert None not in await issued_at(database, "H19.31")
