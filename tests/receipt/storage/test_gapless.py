"""The promise of the house: 1, 2, 3 … whatever goes wrong, however many come at once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.storage.receipts.tables import RECEIPT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from tests.receipt.drawing import draw
from tests.receipt.samples import NOON, OTHER_BODY, SECRET, line, paid_fee

NewUow = Callable[[], SqlUnitOfWork]
AT_ONCE = 100
SERIES = ReceiptSeries(agency_code="H19.25", form_code="01BLP0-001", symbol="AA-26E")


class Interrupted(Exception):
    pass


async def number(
    new_uow: NewUow, sealer: Sealer, *, intent_id: UUID | None = None, event_id: UUID | None = None
) -> list[Receipt]:
    fee = paid_fee(
        line("le_phi"),
        intent_id=intent_id or uuid4(),
        payer_sealed=sealer.seal(SECRET, purpose="payer"),
    )
    numbered = await number_receipts(
        [Paid(fee=fee, caused_by=event_id or uuid4())],
        uow=new_uow(),
        seals=sealer,
        clock=FrozenClock(NOON),
        ids=SystemIds(),
    )
    (receipts,) = numbered.receipts
    return list(receipts)


async def stored_numbers(database: Database) -> list[int]:
    async with database.read() as connection:
        rows = await connection.execute(select(RECEIPT.c.number).order_by(RECEIPT.c.number))
        return list(rows.scalars())


async def test_a_hundred_at_once_get_one_to_a_hundred(
    new_uow: NewUow, sealer: Sealer, database: Database
) -> None:
    issued = await asyncio.gather(*(number(new_uow, sealer) for _ in range(AT_ONCE)))

    assert sorted(one.number.number for (one,) in issued) == list(range(1, AT_ONCE + 1))
    assert await stored_numbers(database) == list(range(1, AT_ONCE + 1))


async def test_transactions_that_die_leave_no_gap(
    new_uow: NewUow, sealer: Sealer, database: Database
) -> None:
    async def die() -> None:
        with pytest.raises(Interrupted):
            async with new_uow() as uow:
                await draw(uow, SERIES, count=1, now=NOON)
                raise Interrupted

    await asyncio.gather(
        *(die() if turn % 3 == 0 else number(new_uow, sealer) for turn in range(30))
    )

    assert await stored_numbers(database) == list(range(1, 21))


async def test_one_payment_told_by_many_at_once_has_one_receipt(
    new_uow: NewUow, sealer: Sealer, database: Database
) -> None:
    intent_id, event_id = uuid4(), uuid4()

    # Half are redeliveries of one event, half tell the same payment under ids of their own.
    answers = await asyncio.gather(
        *(
            number(new_uow, sealer, intent_id=intent_id, event_id=event_id if turn % 2 else None)
            for turn in range(10)
        )
    )

    assert Counter(one.id for receipts in answers for one in receipts) == {answers[0][0].id: 10}
    assert await stored_numbers(database) == [1]


async def test_dates_rise_with_numbers_though_clocks_differ(new_uow: NewUow) -> None:
    seen = []
    for seconds in (0, 5, -3, 6):
        async with new_uow() as uow:
            drawn = await draw(uow, SERIES, count=2, now=NOON + timedelta(seconds=seconds))
            seen.append((drawn.first, (drawn.numbered_at - NOON).total_seconds()))

    assert seen == [(1, 0), (3, 5), (5, 5), (7, 6)]


async def test_each_series_counts_for_itself(new_uow: NewUow, database: Database) -> None:
    other = ReceiptSeries(agency_code="H19.30", form_code="01BLP0-001", symbol="AA-26E")
    async with new_uow() as uow:
        first = await draw(uow, SERIES, count=3, now=NOON)
        second = await draw(uow, other, count=1, now=NOON)

    assert (first.first, second.first) == (1, 1)
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(RECEIPT))).scalar() == 0


async def test_payments_shared_by_agencies_in_any_order_leave_no_gap_with_either(
    new_uow: NewUow, sealer: Sealer, database: Database
) -> None:
    async with new_uow() as uow:
        await uow.collecting_bodies.save(OTHER_BODY, published_at=NOON)
    shares = [line("phi"), line("le_phi", agency_code="H19.31"), line("phi", agency_code="H19.31")]

    async def pay(turn: int) -> None:
        fee = paid_fee(
            *(shares if turn % 2 else reversed(shares)),
            intent_id=uuid4(),
            payer_sealed=sealer.seal(SECRET, purpose="payer"),
        )
        numbered = await number_receipts(
            [Paid(fee=fee, caused_by=uuid4())],
            uow=new_uow(),
            seals=sealer,
            clock=FrozenClock(NOON),
            ids=SystemIds(),
        )
        (receipts,) = numbered.receipts
        assert [(one.part, one.parts) for one in receipts] == [(1, 3), (2, 3), (3, 3)]

    await asyncio.gather(*(pay(turn) for turn in range(40)))

    async with database.read() as connection:
        rows = (await connection.execute(select(RECEIPT.c.agency_code, RECEIPT.c.number))).all()
    for agency, count in (("H19.25", 40), ("H19.31", 80)):
        numbers = sorted(row.number for row in rows if row.agency_code == agency)
        assert numbers == list(range(1, count + 1))


async def test_blocks_that_share_payments_in_any_order_number_each_once(
    new_uow: NewUow, sealer: Sealer, database: Database
) -> None:
    sealed = sealer.seal(SECRET, purpose="payer")
    fees = [paid_fee(line("le_phi"), intent_id=uuid4(), payer_sealed=sealed) for _ in range(20)]

    async def block(turn: int) -> list[UUID]:
        order = fees if turn % 2 else fees[::-1]
        numbered = await number_receipts(
            [Paid(fee=fee, caused_by=uuid4()) for fee in order],
            uow=new_uow(),
            seals=sealer,
            clock=FrozenClock(NOON),
            ids=SystemIds(),
        )
        by_payment = {
            fee.payment_intent_id: one for fee, (one,) in zip(order, numbered.receipts, strict=True)
        }
        return [by_payment[fee.payment_intent_id].id for fee in fees]

    answers = await asyncio.gather(*(block(turn) for turn in range(8)))

    assert all(answer == answers[0] for answer in answers)
    assert await stored_numbers(database) == list(range(1, 21))
