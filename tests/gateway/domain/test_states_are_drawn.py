"""The README draws the states from the tables: a step added in one place only turns this red."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.confirming.confirmation import ALLOWED
from gateway.domain.machines.client import KEY_ALLOWED
from gateway.domain.maintenance.window import WINDOW_ALLOWED

Table = Mapping[Any, frozenset[Any]]
TABLES: Sequence[Table] = (ALLOWED, KEY_ALLOWED, WINDOW_ALLOWED)
README = Path(__file__).parents[3] / "gateway" / "README.md"
EDGE = re.compile(r"^\s*(\w+) --> (\w+)", re.MULTILINE)


def drawings() -> list[set[tuple[str, str]]]:
    blocks = re.findall(r"```mermaid\n(.*?)```", README.read_text(), re.DOTALL)
    return [set(EDGE.findall(block)) for block in blocks]


@pytest.mark.parametrize("table", TABLES)
def test_the_drawn_steps_are_the_allowed_steps(table: Table) -> None:
    allowed = {(state.value, after.value) for state, afters in table.items() for after in afters}

    assert allowed in drawings()


def test_there_is_one_drawing_for_each_table() -> None:
    assert len(drawings()) == len(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_state_has_its_line_in_the_table(table: Table) -> None:
    states: Any = type(next(iter(table)))
    assert set(table) == set(states)
