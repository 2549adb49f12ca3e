"""What a correction may say, given the receipt and what corrected it before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chassis.money import Money
from services.receipt.domain.amendments.amendment import AmendmentType
from services.receipt.domain.amendments.errors import ContentNotFitting, MoreThanWasPaid
from services.receipt.domain.receipts.fee import FeeLine, total_of
from services.receipt.domain.receipts.receipt import SIGNS, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line of the receipt by its position, from 1. `amount`, in đồng: the whole of a replaced
    line, or by how much an adjusted one differs. What is None stays as it is."""

    position: int
    amount: int | None = None
    name: str | None = None


def lines_of_amendment(
    type_: AmendmentType, receipt: Receipt, changes: Sequence[LineChange], *, new_payer: bool
) -> Sequence[FeeLine]:
    """Raises ContentNotFitting."""
    lines = dict(enumerate(receipt.lines, start=1))
    asked = {one.position: one for one in changes}
    if len(asked) != len(changes) or asked.keys() - lines.keys():
        raise ContentNotFitting("each line must be one of the receipt's, and named once")
    match type_:
        case AmendmentType.REPLACEMENT:
            replaced = _replaced(lines, asked)
            if tuple(replaced) == tuple(receipt.lines) and not new_payer:
                raise ContentNotFitting("it says the same as before")
            return replaced
        case AmendmentType.INCREASE | AmendmentType.DECREASE:
            if new_payer:
                raise ContentNotFitting("who paid is corrected by a word about information")
            return _differing(lines, asked)
        case AmendmentType.INFORMATION:
            return _renamed(lines, asked, new_payer=new_payer)
        case AmendmentType.CANCELLATION:
            if changes or new_payer:
                raise ContentNotFitting("a cancellation changes no line and no payer")
            return ()


def require_within_payment(
    type_: AmendmentType, receipt: Receipt, lines: Sequence[FeeLine], siblings: Sequence[Receipt]
) -> None:
    """The standing receipts of a payment together never say more than was paid, nor a receipt less
    than nothing. `siblings`: every receipt of the payment."""
    difference = total_of(lines).minor_units
    if type_ is AmendmentType.DECREASE:
        adjusted = [one for one in siblings if one.corrects_id == receipt.id]
        left = _by_line(receipt.lines)
        for one in adjusted:
            for code, amount in _by_line(one.lines).items():
                left[code] += SIGNS[one.type] * amount
        if any(left[line.line_code] < line.amount.minor_units for line in lines):
            raise ContentNotFitting("a line would come to less than nothing")
        return
    before = sum(one.counted_amount for one in siblings)
    replaced = receipt.counted_amount if type_ is AmendmentType.REPLACEMENT else 0
    if before - replaced + difference > receipt.fee.amount.minor_units:
        raise MoreThanWasPaid


def _replaced(lines: Mapping[int, FeeLine], asked: Mapping[int, LineChange]) -> Sequence[FeeLine]:
    changed = (
        _changed(line, asked[place]) if place in asked else line for place, line in lines.items()
    )
    kept = tuple(one for one in changed if one.amount.minor_units)
    if not kept:
        raise ContentNotFitting("nothing would be left of it; cancel it instead")
    return kept


def _differing(lines: Mapping[int, FeeLine], asked: Mapping[int, LineChange]) -> Sequence[FeeLine]:
    if not asked or any(not one.amount or one.name for one in asked.values()):
        raise ContentNotFitting("each line needs the amount by which it differs, and no name")
    return tuple(_changed(lines[place], one) for place, one in asked.items())


def _renamed(
    lines: Mapping[int, FeeLine], asked: Mapping[int, LineChange], *, new_payer: bool
) -> Sequence[FeeLine]:
    if any(one.amount is not None for one in asked.values()):
        raise ContentNotFitting("a word about information changes no amount")
    if not new_payer and not any(one.name for one in asked.values()):
        raise ContentNotFitting("it says the same as before")
    nothing = LineChange(position=0, amount=0)
    return tuple(
        _changed(_changed(line, asked.get(place, nothing)), nothing)
        for place, line in lines.items()
    )


def _changed(line: FeeLine, change: LineChange) -> FeeLine:
    amount = line.amount
    if change.amount is not None:
        amount = Money(change.amount, line.amount.currency)
    return replace(line, amount=amount, name=change.name or line.name)


def _by_line(lines: Sequence[FeeLine]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for one in lines:
        amounts[one.line_code] = amounts.get(one.line_code, 0) + one.amount.minor_units
    return amounts
