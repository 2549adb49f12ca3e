import re
from pathlib import Path

import pytest

import services.dossier
from services.dossier.domain.dossier import Reason
from services.dossier.domain.errors import IllegalTransition
from services.dossier.domain.state import ALLOWED, NAMES, State, drawn_as_mermaid
from tests.dossier.samples import DOSSIER, MORNING

README = Path(services.dossier.__file__).parent / "README.md"


def test_every_state_has_its_national_number_its_names_and_a_row_in_the_table() -> None:
    assert [state.value for state in State] == list(range(1, 11))
    assert set(NAMES) == set(ALLOWED) == set(State)


def test_what_is_over_stays_over() -> None:
    over = {state for state in State if not ALLOWED[state]}

    assert over == {State.NOT_ACCEPTED, State.WITHDRAWN, State.RETURNED}


def test_every_state_can_be_reached_from_the_first() -> None:
    reached, edge = {State.REGISTERED}, {State.REGISTERED}
    while edge:
        edge = {after for state in edge for after in ALLOWED[state]} - reached
        reached |= edge

    assert reached == set(State)


def test_no_state_leads_to_itself() -> None:
    assert not [state for state in State if state in ALLOWED[state]]


@pytest.mark.parametrize("wanted", sorted(set(State) - ALLOWED[State.REGISTERED]))
def test_a_step_that_the_table_does_not_allow_is_refused(wanted: State) -> None:
    with pytest.raises(IllegalTransition) as refusal:
        DOSSIER.move_to(wanted, Reason.FEE_DUE, at=MORNING)

    assert wanted.name_vi in refusal.value.message_vi


def test_an_allowed_step_is_numbered_and_leaves_the_old_dossier_as_it_was() -> None:
    moved, step = DOSSIER.move_to(State.PAYMENT_REQUIRED, Reason.FEE_DUE, at=MORNING)

    assert (moved.state, moved.steps_made) == (State.PAYMENT_REQUIRED, 1)
    assert (step.position, step.from_state, step.to_state) == (1, 1, 6)
    assert DOSSIER.state is State.REGISTERED


def test_the_readme_draws_the_table_as_it_is() -> None:
    drawn = re.search(r"```mermaid\n(.*?)\n```", README.read_text("utf-8"), re.DOTALL)

    assert drawn is not None
    assert drawn.group(1) == drawn_as_mermaid()
