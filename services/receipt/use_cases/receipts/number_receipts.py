"""First half of issuing: the receipts exist and have their numbers, or nothing happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, PaidFee, total_of
from services.receipt.domain.receipts.receipt import LOOKUP_CODE_BYTES, Receipt
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.outside.leave_to_outside import leave_to_outside
from services.receipt.use_cases.series.take_numbers import Want, take_numbers

CONSUMER: Final = "number_receipts"


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
    ours = [
        (fee, agency, kind, lines, part)
        for fee, by_receipt in charges
        for part, ((agency, kind), lines) in enumerate(by_receipt.items(), start=1)
        if agency not in elsewhere
    ]
    if not ours:
        return [], frozenset()
    wants = [
        Want(agency_code=agency, amount=total_of(lines).minor_units)
        for _, agency, _, lines, _ in ours
    ]
    taken = await take_numbers(wants, uow=uow, now=clock.now())
    receipts = [
        Receipt(
            id=ids.new(),
            number=one.number,
            kind=kind,
            lines=tuple(lines),
            fee=fee,
            collecting_body=one.body,
            rule=one.rule,
            lookup_code=ids.token(LOOKUP_CODE_BYTES),
            part=part,
            parts=len(fee.by_receipt()),
            numbered_at=one.numbered_at,
        )
        for (fee, _, kind, lines, part), one in zip(ours, taken, strict=True)
    ]
    return receipts, frozenset(one.number.series for one in taken if one.signing_waits)


def _by_payment(receipts: Sequence[Receipt]) -> dict[UUID, list[Receipt]]:
    by_payment: dict[UUID, list[Receipt]] = {}
    for one in receipts:
        by_payment.setdefault(one.fee.payment_intent_id, []).append(one)
    return by_payment
