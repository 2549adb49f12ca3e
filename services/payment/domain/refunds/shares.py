"""Which part of which fee line a refund gives back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from chassis.money import Money
from services.payment.domain.refunds.errors import (
    AmountAvailableDiffers,
    LineRefundedAlready,
    LinesNeeded,
    NotPaidYet,
    RefundTooLarge,
    TooManyRefunds,
    WrongLines,
)
from services.payment.domain.refunds.source import RefundLine, RefundSource

REFUNDS_MAX: Final = 200


def check_available(source: RefundSource, amount: Money, *, seen: Money) -> None:
    """`seen` is what the caller believed to be left when deciding on the amount."""
    if source.paid_at is None:
        raise NotPaidYet
    if seen != source.available:
        raise AmountAvailableDiffers(source.available)
    if amount.minor_units <= 0 or not amount <= source.available:
        raise RefundTooLarge(source.available)


def shares(
    source: RefundSource,
    amount: Money,
    wanted: Mapping[str, Money],
    taken: Iterable[tuple[RefundLine, ...]],
) -> tuple[RefundLine, ...]:
    """The parts of a refund by line, within what the refunds before it left of each line.

    All that is left needs no lines, and nor does a payment of one line; suspense money has none.
    """
    before = list(taken)
    if len(before) >= REFUNDS_MAX:
        raise TooManyRefunds(REFUNDS_MAX)
    if not source.lines:
        if wanted:
            raise WrongLines("This money was paid for no fee line.")
        return ()
    left = _left(source, before)
    if not wanted:
        if amount != source.available and len(source.lines) > 1:
            raise LinesNeeded
        wanted = left if amount == source.available else {source.lines[0].line_code: amount}
    return _within(source, amount, wanted, left)


def _left(source: RefundSource, before: Iterable[tuple[RefundLine, ...]]) -> dict[str, Money]:
    left = {line.line_code: line.amount for line in source.lines}
    for line in (line for lines in before for line in lines):
        left[line.line_code] = left[line.line_code] - line.amount
    return left


def _within(
    source: RefundSource, amount: Money, wanted: Mapping[str, Money], left: Mapping[str, Money]
) -> tuple[RefundLine, ...]:
    if unknown := sorted(wanted.keys() - left.keys()):
        raise WrongLines(f"The payment has no line {unknown[0]}.")
    for code, part in wanted.items():
        if part.minor_units < 0:
            raise WrongLines(f"Line {code} would be paid, not refunded.")
        if not part <= left[code]:
            raise LineRefundedAlready(code, left[code])
    found = tuple(
        replace(line, amount=wanted[line.line_code])
        for line in source.lines
        if line.line_code in wanted and wanted[line.line_code].minor_units
    )
    total = sum((line.amount for line in found), start=Money.zero(amount.currency))
    if total != amount:
        raise WrongLines(f"The lines add up to {total}, but {amount} is asked.")
    return found
