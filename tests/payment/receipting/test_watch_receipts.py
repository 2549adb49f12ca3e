"""Found within seconds: money without its receipt, and a receipt without its money."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.db import Database
from chassis.duties import Reach
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.receipting.gap import GapReason, ReceiptGap, ReceiptNote
from services.payment.ports.receipting import GapFilter
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.receipting import watch_receipts as watching
from services.payment.use_cases.receipting.list_receipt_gaps import list_receipt_gaps
from services.payment.use_cases.receipting.note_receipt import note_receipt
from services.payment.use_cases.receipting.watch_receipts import Look, watch_receipts
from tests.payment.refunds.world import RefundWorld
from tests.payment.samples import new_id

# The sample fee is a phí and a lệ phí.
RECEIPTS_OF_A_FEE = 2
LATE = timedelta(seconds=6)


class Watchtower(RefundWorld):
    async def look(self) -> Look:
        return await watch_receipts(uow=self.uow(), clock=self.clock, ids=self.ids)

    async def hear(self, intent_id: UUID, *, receipt_id: UUID | None = None) -> None:
        note = ReceiptNote(
            receipt_id=receipt_id or new_id(),
            payment_intent_id=intent_id,
            agency_code="H19.25",
            issued_at=self.clock.now(),
        )
        await note_receipt(note, uow=self.uow(), clock=self.clock, ids=self.ids)

    async def receipted(self) -> PaymentIntent:
        intent = await self.paid()
        for _ in range(RECEIPTS_OF_A_FEE):
            await self.hear(intent.id)
        return intent

    async def open_gaps(self) -> list[tuple[UUID, GapReason]]:
        return [(gap.payment_intent_id, gap.reason) for gap in await self.gaps()]

    async def gaps(self, *, closed: bool = False) -> list[ReceiptGap]:
        wanted = GapFilter(reach=Reach.everything(), open_only=not closed, limit=100)
        return list(await list_receipt_gaps(wanted, reading=SqlReading(self.database)))


@pytest.fixture
def tower(database: Database) -> Watchtower:
    return Watchtower(database)


async def test_a_fee_with_its_receipts_is_no_gap(tower: Watchtower) -> None:
    await tower.receipted()
    tower.clock.advance(LATE)

    look = await tower.look()

    assert look.found == []
    assert set(look.open_by_reason.values()) == {0}


async def test_a_fee_without_its_receipts_is_found_once_its_seconds_are_over(
    tower: Watchtower,
) -> None:
    intent = await tower.paid()
    in_time = await tower.look()
    tower.clock.advance(LATE)

    late, again = await tower.look(), await tower.look()

    assert in_time.found == []
    assert [(gap.payment_intent_id, gap.reason) for gap in late.found] == [
        (intent.id, GapReason.NO_RECEIPT)
    ]
    assert (late.found[0].expected, late.found[0].heard) == (RECEIPTS_OF_A_FEE, 0)
    assert again.found == []
    assert again.open_by_reason[GapReason.NO_RECEIPT] == 1


async def test_one_receipt_of_two_is_not_enough_and_the_second_closes_the_gap(
    tower: Watchtower,
) -> None:
    intent = await tower.paid()
    await tower.hear(intent.id)
    tower.clock.advance(LATE)
    await tower.look()
    found = await tower.open_gaps()

    await tower.hear(intent.id)
    after = await tower.look()

    assert found == [(intent.id, GapReason.NO_RECEIPT)]
    assert after.open_by_reason[GapReason.NO_RECEIPT] == 0
    (closed,) = await tower.gaps(closed=True)
    assert closed.closed_at == tower.clock.now()


async def test_a_receipt_without_a_settled_fee_is_found_at_once(tower: Watchtower) -> None:
    unknown, unpaid = new_id(), (await tower.confirmed()).id

    await tower.hear(unknown)
    await tower.hear(unpaid)

    assert set(await tower.open_gaps()) == {
        (unknown, GapReason.NO_SETTLED_FEE),
        (unpaid, GapReason.NO_SETTLED_FEE),
    }


async def test_a_receipt_too_many_is_found_and_one_told_twice_is_none(tower: Watchtower) -> None:
    intent = await tower.paid()
    first = new_id()
    for receipt_id in (first, first, new_id()):
        await tower.hear(intent.id, receipt_id=receipt_id)
    assert await tower.open_gaps() == []

    await tower.hear(intent.id)

    assert await tower.open_gaps() == [(intent.id, GapReason.TOO_MANY_RECEIPTS)]


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(seconds=1)], ids=["at once", "apart"])
async def test_every_settlement_is_looked_at_though_more_settle_than_a_page_holds(
    tower: Watchtower, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    """All of them within the overlap, so that each look meets them again."""
    monkeypatch.setattr(watching, "BATCH_MAX", 2)
    paid = []
    for _ in range(5):
        paid.append((await tower.paid()).id)
        tower.clock.advance(apart)
    tower.clock.advance(LATE)

    look = await asyncio.wait_for(tower.look(), 30)
    late = await tower.paid()
    tower.clock.advance(LATE)
    again = await asyncio.wait_for(tower.look(), 30)

    assert {gap.payment_intent_id for gap in look.found} == set(paid)
    assert [gap.payment_intent_id for gap in again.found] == [late.id]
