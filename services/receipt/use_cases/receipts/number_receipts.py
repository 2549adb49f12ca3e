"""First half of issuing: the receipts exist and have their numbers, or nothing happened."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.clock import Clock, vietnam_date
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.errors import AgencyNotKnownYet, NoReceiptRule
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, CollectingBody, PaidFee
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.series.series import ReceiptNumber, ReceiptRule, ReceiptSeries
from services.receipt.ports.series import DrawnNumbers
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.outside.leave_to_outside import leave_to_outside

CONSUMER: Final = "number_receipts"
LOOKUP_CODE_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment, and the event by which we heard of it."""

    fee: PaidFee
    caused_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """The receipts of each payment, in the order asked, and the series whose older receipts are
    unsigned still: the new ones are to be signed behind them."""

    receipts: Sequence[Sequence[Receipt]]
    signing_waits: frozenset[ReceiptSeries]


async def number_receipts(
    paid: Sequence[Paid], *, uow: UnitOfWork, seals: SealingPort, clock: Clock, ids: Ids
) -> Numbered:
    """One receipt for each agency and kind of charge of each payment, however often it is told.

    A block of payments costs one transaction. The numbers are drawn in the one that stores the
    receipts, so that a crash or a refusal anywhere gives them back. Nothing is signed here: the
    series is locked meanwhile.
    """
    for one in paid:
        # What can never have a receipt must be found out before it costs a number.
        one.fee.by_receipt()
        seals.unseal(one.fee.payer_sealed, purpose=PAYER_PURPOSE)
    async with uow:
        new = await _first_told(paid, uow)
        made, waits = await _number(new, uow=uow, clock=clock, ids=ids)
        await uow.receipts.add(made)
        by_payment = _by_payment(made)
        told_before = {one.fee.payment_intent_id for one in paid} - {
            fee.payment_intent_id for fee in new
        }
        if told_before:
            by_payment |= _by_payment(await uow.receipts.list_of_payments(told_before))
    return Numbered(
        receipts=[by_payment.get(one.fee.payment_intent_id, []) for one in paid],
        signing_waits=waits,
    )


async def _first_told(paid: Sequence[Paid], uow: UnitOfWork) -> Sequence[PaidFee]:
    """In the order they came. The bank may tell one payment under two event ids, so the payment
    itself decides."""
    unheard = await uow.inbox.claim_all([one.caused_by for one in paid], CONSUMER)
    fees = {one.fee.payment_intent_id: one.fee for one in paid if one.caused_by in unheard}
    new = await uow.fees.add_new(list(fees.values()))
    return [fee for payment, fee in fees.items() if payment in new]


async def _number(
    fees: Sequence[PaidFee], *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> tuple[Sequence[Receipt], frozenset[ReceiptSeries]]:
    charges = [(fee, fee.by_receipt()) for fee in fees]
    elsewhere = await leave_to_outside(charges, uow=uow, clock=clock, ids=ids)
    wanted = Counter(
        agency for _, by_receipt in charges for agency, _ in by_receipt if agency not in elsewhere
    )
    if not wanted:
        return [], frozenset()
    now = clock.now()
    today = vietnam_date(now)
    rule = await uow.rules.find(on=today)
    if rule is None:
        raise NoReceiptRule(today)
    # In the order of the agencies' codes: two blocks for the same ones never wait in a ring.
    taken = {
        agency: await _take(agency, count, rule=rule, now=now, uow=uow)
        for agency, count in sorted(wanted.items())
    }
    waits = frozenset(one.series for one in taken.values() if one.drawn.signing_waits)
    receipts = [
        Receipt(
            id=ids.new(),
            number=taken[agency].next_number(),
            kind=kind,
            lines=tuple(lines),
            fee=fee,
            collecting_body=taken[agency].body,
            rule=rule,
            lookup_code=ids.token(LOOKUP_CODE_BYTES),
            part=part,
            parts=len(by_receipt),
            numbered_at=taken[agency].drawn.numbered_at,
        )
        for fee, by_receipt in charges
        for part, ((agency, kind), lines) in enumerate(by_receipt.items(), start=1)
        if agency not in elsewhere
    ]
    return receipts, waits


def _by_payment(receipts: Sequence[Receipt]) -> dict[UUID, list[Receipt]]:
    by_payment: dict[UUID, list[Receipt]] = {}
    for one in receipts:
        by_payment.setdefault(one.fee.payment_intent_id, []).append(one)
    return by_payment


@dataclass(slots=True)
class _Taken:
    """What one agency's receipts of this payment have in common, and the numbers left for them."""

    body: CollectingBody
    series: ReceiptSeries
    drawn: DrawnNumbers
    width: int
    used: int = 0

    def next_number(self) -> ReceiptNumber:
        number = self.drawn.first + self.used
        self.used += 1
        return ReceiptNumber(series=self.series, number=number, width=self.width)


async def _take(
    agency_code: str, count: int, *, rule: ReceiptRule, now: datetime, uow: UnitOfWork
) -> _Taken:
    today = vietnam_date(now)
    body = await uow.collecting_bodies.find(agency_code, on=today)
    if body is None:
        raise AgencyNotKnownYet(agency_code, today)
    series = rule.series_for(agency_code, today)
    drawn = await uow.series.draw(series, count=count, now=now)
    return _Taken(body=body, series=series, drawn=drawn, width=rule.number_width)
