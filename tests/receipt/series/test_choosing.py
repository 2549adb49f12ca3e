"""Which series is next, for every state an agency's series can be in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.receipt.domain.series.choosing import Choice, Slot, Step, choose_series, slot_of
from services.receipt.domain.series.errors import FormNotAllowed, NoOpenSeries, SymbolNotAllowed
from services.receipt.domain.series.life import Closing, SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptSeries
from tests.receipt.samples import NOON, RULE

TODAY = date(2026, 11, 23)
SLOT = Slot(agency_code="H19.25")


def life(
    letters: str,
    state: SeriesState,
    *,
    closing: Closing | None = None,
    face_value: int | None = None,
) -> SeriesLife:
    form_code = "02BLP0-001" if face_value else "01BLP0-001"
    series = ReceiptSeries(agency_code="H19.25", form_code=form_code, symbol=f"{letters}-26E")
    planned = SeriesLife.plan(
        series, letters=letters, year=2026, face_value=face_value, at=NOON, by="somebody"
    )
    return replace(planned, state=state, closing=closing)


def choose(*known: SeriesLife, slot: Slot = SLOT, must_be_planned: bool = False) -> Choice:
    return choose_series(slot, known, rule=RULE, on=TODAY, must_be_planned=must_be_planned)


def test_the_open_one_is_drawn_from_though_others_are_planned() -> None:
    choice = choose(life("KT", SeriesState.PLANNED), life("BL", SeriesState.OPEN))

    assert (choice.series.symbol, choice.step) == ("BL-26E", Step.DRAW)


def test_of_the_planned_ones_the_first_planned_opens() -> None:
    later = replace(life("AB", SeriesState.PLANNED), planned_at=NOON + timedelta(hours=1))
    closed = life("BL", SeriesState.CLOSED, closing=Closing.BY_HAND)

    choice = choose(later, life("KT", SeriesState.PLANNED), closed, must_be_planned=True)

    assert (choice.series.symbol, choice.step) == ("KT-26E", Step.OPEN)


def test_the_first_begins_by_itself_unless_it_has_to_be_planned() -> None:
    choice = choose()

    assert (choice.series.symbol, choice.step, choice.letters) == ("AA-26E", Step.BEGIN, "AA")
    with pytest.raises(NoOpenSeries):
        choose(must_be_planned=True)


def test_a_full_one_is_followed_by_letters_nobody_took() -> None:
    full = life("AA", SeriesState.CLOSED, closing=Closing.FULL)
    tickets = life("AB", SeriesState.OPEN, face_value=2000)

    assert choose(full, tickets).series.symbol == "AC-26E"


def test_what_was_withdrawn_before_the_last_one_was_full_holds_nothing_up() -> None:
    withdrawn = life("KT", SeriesState.CLOSED, closing=Closing.BY_HAND)
    full = life("AA", SeriesState.CLOSED, closing=Closing.FULL)
    later = replace(withdrawn, planned_at=NOON + timedelta(hours=1), closed_at=NOON)

    assert (
        choose(replace(full, closed_at=NOON + timedelta(days=1)), later).series.symbol == "AB-26E"
    )


@pytest.mark.parametrize("closing", [Closing.BY_HAND, Closing.YEAR_END])
def test_what_somebody_closed_is_followed_by_nothing(closing: Closing) -> None:
    with pytest.raises(NoOpenSeries):
        choose(life("AA", SeriesState.CLOSED, closing=closing))


def test_after_the_last_letters_there_are_none() -> None:
    with pytest.raises(NoOpenSeries):
        choose(life("YY", SeriesState.CLOSED, closing=Closing.FULL))
    assert RULE.letters_after("AY") == "BA"
    assert RULE.letters_after("YY") is None


def test_a_printed_value_has_a_series_of_its_own() -> None:
    known = [life("AA", SeriesState.OPEN), life("TV", SeriesState.OPEN, face_value=2000)]

    ticket, other = slot_of("H19.25", 2000, known), slot_of("H19.25", 2001, known)

    assert choose(*known, slot=ticket).series.form_code == "02BLP0-001"
    assert choose(*known, slot=other).series.symbol == "AA-26E"
    assert slot_of("H19.99", 2000, known).face_value is None
    used_up = [replace(known[1], state=SeriesState.CLOSED, closing=Closing.BY_HAND)]
    assert slot_of("H19.25", 2000, used_up).face_value is None


@pytest.mark.parametrize("letters", ["BI", "FA", "A", "AAA", "aa", "A1", "ĐA"])
def test_letters_that_no_symbol_has_are_refused(letters: str) -> None:
    with pytest.raises(SymbolNotAllowed):
        RULE.symbol(letters, 2026)


def test_the_rule_says_what_a_symbol_and_a_form_look_like() -> None:
    assert RULE.symbol("KT", 2026) == "KT-26E"
    changed = replace(RULE, symbol_format="1{year:02d}T{letters}", symbol_alphabet="ABI")
    assert changed.symbol("BI", 2027) == "127TBI"
    for form_code in ("01BLP0-001", "02BLP0-014"):
        RULE.require_form(form_code)
    for form_code in ("01BLP2-001", "03BLP0-001", "01BLP0-1", "01BLP0-001 "):
        with pytest.raises(FormNotAllowed):
            RULE.require_form(form_code)
