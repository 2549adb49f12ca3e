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

CONSUMER: Final = "number_receipts"
LOOKUP_CODE_BYTES: Final = 16


async def number_receipts(
    fee: PaidFee, *, caused_by: UUID, uow: UnitOfWork, seals: SealingPort, clock: Clock, ids: Ids
) -> Sequence[Receipt]:
    """One receipt for each agency and kind of charge in it, however often the payment is told.

    The numbers are drawn in the transaction that stores the receipts, so that a crash or a
    refusal anywhere gives them back. Nothing is signed here: the series is locked meanwhile.
    """
    charges = fee.by_receipt()
    # A seal that cannot be opened must be found out before it costs a number.
    seals.unseal(fee.payer_sealed, purpose=PAYER_PURPOSE)
    async with uow:
        first_time = await uow.inbox.claim(caused_by, CONSUMER)
        # The bank may tell one payment under two event ids; the payment itself decides.
        if not first_time or not await uow.fees.add_once(fee):
            return await uow.receipts.list_of_payment(fee.payment_intent_id)
        if not charges:
            return []
        now = clock.now()
        today = vietnam_date(now)
        rule = await uow.rules.find(on=today)
        if rule is None:
            raise NoReceiptRule(today)
        # In the order of the agencies' codes: two payments to the same ones never wait in a ring.
        taken = {
            agency: await _take(agency, count, rule=rule, now=now, uow=uow)
            for agency, count in sorted(Counter(agency for agency, _ in charges).items())
        }
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
                parts=len(charges),
                numbered_at=taken[agency].drawn.numbered_at,
            )
            for part, ((agency, kind), lines) in enumerate(charges.items(), start=1)
        ]
        await uow.receipts.add(receipts)
        return receipts


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
