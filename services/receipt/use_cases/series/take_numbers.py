"""Numbers for receipts that are about to be stored in this transaction."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.clock import vietnam_date
from services.receipt.domain.errors import AgencyNotKnownYet, NoReceiptRule
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.series.choosing import Slot, choose_series, slot_of
from services.receipt.domain.series.errors import NoOpenSeries
from services.receipt.domain.series.life import SeriesLife
from services.receipt.domain.series.series import ReceiptNumber, ReceiptRule, ReceiptSeries
from services.receipt.ports.unit_of_work import UnitOfWork

# Each round finds a series that another just opened, closed or filled; more is no coincidence.
ROUNDS_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNumber:
    number: ReceiptNumber
    numbered_at: datetime
    body: CollectingBody
    rule: ReceiptRule
    signing_waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One receipt's worth: whose it is, and its amount in đồng."""

    agency_code: str
    amount: int


async def take_numbers(
    wants: Sequence[Want], *, uow: UnitOfWork, now: datetime
) -> Sequence[TakenNumber]:
    """One for each, in their order; a full series is followed by the next within the block.

    Raises AgencyNotKnownYet, NoReceiptRule, NoOpenSeries; whoever raises has drawn nothing.
    """
    today = vietnam_date(now)
    rule = await uow.rules.find(on=today)
    if rule is None:
        raise NoReceiptRule(today)
    agencies = {one.agency_code for one in wants}
    bodies = await uow.collecting_bodies.find_all(agencies, on=today)
    for agency in sorted(agencies - bodies.keys()):
        raise AgencyNotKnownYet(agency, today)
    known = await uow.series.list_of_year(agencies, today.year)
    slots = [slot_of(one.agency_code, one.amount, known) for one in wants]
    drawing = _Drawing(uow=uow, rule=rule, now=now, bodies=bodies)
    taken = {}
    # In one order for everybody: two blocks for the same agencies never wait in a ring.
    for slot, count in sorted(Counter(slots).items(), key=lambda one: one[0].order):
        taken[slot] = deque(await drawing.draw(slot, count, known))
    return [taken[slot].popleft() for slot in slots]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    uow: UnitOfWork
    rule: ReceiptRule
    now: datetime
    bodies: Mapping[str, CollectingBody]

    async def draw(
        self, slot: Slot, count: int, known: Sequence[SeriesLife]
    ) -> Sequence[TakenNumber]:
        today = vietnam_date(self.now)
        series_book, taken = self.uow.series, list[TakenNumber]()
        for _ in range(ROUNDS_MAX):
            choice = choose_series(
                slot,
                known,
                rule=self.rule,
                on=today,
                must_be_planned=series_book.must_be_planned,
            )
            await series_book.prepare(choice, year=today.year, now=self.now)
            taken += await self._draw_from(choice.series, count - len(taken), slot)
            if len(taken) == count:
                return taken
            known = await series_book.list_of_year([slot.agency_code], today.year)
        raise NoOpenSeries(slot.agency_code, today.year)

    async def _draw_from(
        self, series: ReceiptSeries, count: int, slot: Slot
    ) -> Sequence[TakenNumber]:
        width, numbers_max = self.rule.number_width, self.rule.numbers_max
        drawn = await self.uow.series.draw(
            series, count=count, numbers_max=numbers_max, now=self.now
        )
        if drawn is None:
            return []
        return [
            TakenNumber(
                number=ReceiptNumber(series=series, number=number, width=width),
                numbered_at=drawn.numbered_at,
                body=self.bodies[slot.agency_code],
                rule=self.rule,
                signing_waits=drawn.signing_waits,
            )
            for number in range(drawn.first, drawn.first + drawn.count)
        ]
