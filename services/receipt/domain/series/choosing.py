"""Which series an agency's next receipt is numbered from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.receipt.domain.series.errors import NoOpenSeries
from services.receipt.domain.series.life import Closing, SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries


class Step(StrEnum):
    """What has to be done before numbers can be drawn."""

    DRAW = "draw"
    OPEN = "open"
    BEGIN = "begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`letters` and `face_value` are of a series that begins with this."""

    series: ReceiptSeries
    step: Step
    letters: str = ""
    face_value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Receipts that take their numbers from the same series."""

    agency_code: str
    face_value: int | None = None

    @property
    def order(self) -> tuple[str, int]:
        return (self.agency_code, self.face_value or 0)


def slot_of(agency_code: str, amount: int, known: Sequence[SeriesLife]) -> Slot:
    """Its own slot for an amount that the agency has receipts of with the value printed."""
    printed = {
        one.face_value
        for one in known
        if one.series.agency_code == agency_code and one.state is not SeriesState.CLOSED
    }
    return Slot(agency_code=agency_code, face_value=amount if amount in printed else None)


def choose_series(
    slot: Slot, known: Sequence[SeriesLife], *, rule: ReceiptRule, on: date, must_be_planned: bool
) -> Choice:
    """The open one; else the planned one that was planned first; else a new one, unless somebody
    has to plan it or the last was closed by hand. A full one is followed by the next letters.

    `known`: the agencies' series of that day's year. Raises NoOpenSeries.
    """
    mine = sorted(
        (
            one
            for one in known
            if (one.series.agency_code, one.face_value) == (slot.agency_code, slot.face_value)
        ),
        key=lambda one: one.planned_at,
    )
    for state, step in ((SeriesState.OPEN, Step.DRAW), (SeriesState.PLANNED, Step.OPEN)):
        usable = next((one for one in mine if one.state is state), None)
        if usable is not None:
            return Choice(series=usable.series, step=step)
    letters = _letters_to_begin(slot, known, mine, rule)
    if letters is None or must_be_planned:
        raise NoOpenSeries(slot.agency_code, on.year)
    form_code = mine[-1].series.form_code if mine else rule.form_code
    series = ReceiptSeries(
        agency_code=slot.agency_code, form_code=form_code, symbol=rule.symbol(letters, on.year)
    )
    return Choice(series=series, step=Step.BEGIN, letters=letters, face_value=slot.face_value)


def _letters_to_begin(
    slot: Slot, known: Sequence[SeriesLife], mine: Sequence[SeriesLife], rule: ReceiptRule
) -> str | None:
    if not mine:
        return rule.symbol_letters if slot.face_value is None else None
    # All of them are closed; what was withdrawn before the last one was full decides nothing.
    last = max(mine, key=lambda one: one.closed_at or one.planned_at)
    if last.closing is not Closing.FULL:
        return None
    taken = {one.letters for one in known if one.series.agency_code == slot.agency_code}
    letters = rule.letters_after(last.letters)
    while letters in taken:
        letters = rule.letters_after(letters)
    return letters
