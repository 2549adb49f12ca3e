"""First half of issuing: the receipts exist and have their numbers, or nothing happened."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.clock import Clock, vietnam_date
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.errors import AgencyNotKnownYet, NoReceiptRule
from services.receipt.domain.fee import PAYER_PURPOSE, PaidFee
from services.receipt.domain.receipt import Receipt
from services.receipt.domain.series import ReceiptNumber
from services.receipt.ports import UnitOfWork

CONSUMER: Final = "number_receipts"
LOOKUP_CODE_BYTES: Final = 16


async def number_receipts(
    fee: PaidFee, *, caused_by: UUID, uow: UnitOfWork, seals: SealingPort, clock: Clock, ids: Ids
) -> Sequence[Receipt]:
    """One receipt for each kind of charge in the payment, however often the payment is told.

    The numbers are drawn in the transaction that stores the receipts, so that a crash or a
    refusal anywhere gives them back. Nothing is signed here: the series is locked meanwhile.
    """
    kinds = fee.by_kind()
    # A seal that cannot be opened must be found out before it costs a number.
    seals.unseal(fee.payer_sealed, purpose=PAYER_PURPOSE)
    async with uow:
        first_time = await uow.inbox.claim(caused_by, CONSUMER)
        # The bank may tell one payment under two event ids; the payment itself decides.
        if not first_time or not await uow.fees.add_once(fee):
            return await uow.receipts.list_of_payment(fee.payment_intent_id)
        if not kinds:
            return []
        now = clock.now()
        today = vietnam_date(now)
        rule = await uow.rules.find(on=today)
        if rule is None:
            raise NoReceiptRule(today)
        body = await uow.collecting_bodies.find(fee.agency_code, on=today)
        if body is None:
            raise AgencyNotKnownYet(fee.agency_code, today)
        series = rule.series_for(fee.agency_code, today)
        drawn = await uow.series.draw(series, count=len(kinds), now=now)
        receipts = [
            Receipt(
                id=ids.new(),
                number=ReceiptNumber(
                    series=series, number=drawn.first + index, width=rule.number_width
                ),
                kind=kind,
                lines=tuple(lines),
                fee=fee,
                collecting_body=body,
                rule=rule,
                lookup_code=ids.token(LOOKUP_CODE_BYTES),
                part=index + 1,
                parts=len(kinds),
                numbered_at=drawn.numbered_at,
            )
            for index, (kind, lines) in enumerate(kinds.items())
        ]
        await uow.receipts.add(receipts)
        return receipts
