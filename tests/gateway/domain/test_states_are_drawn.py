"""The README draws the states from the tables: a step added in one place only turns this red."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.confirming.confirmation import ALLOWED
from gateway.domain.machines.client import KEY_ALLOWED

README = Path(__file__).parents[3] / "gateway" / "README.md"
EDGE = re.compile(r"^\s*(\w+) --> (\w+)", re.MULTILINE)


def drawings() -> list[set[tuple[str, str]]]:
    blocks = re.findall(r"```mermaid\n(.*?)```", README.read_text(), re.DOTALL)
    return [set(EDGE.findall(block)) for block in blocks]


@pytest.mark.parametrize(("number", "table"), [(0, ALLOWED), (1, KEY_ALLOWED)])
def test_the_drawn_steps_are_the_allowed_steps(
    number: int, table: Mapping[StrEnum, frozenset[Any]]
) -> None:
    allowed = {(state.value, after.value) for state, afters in table.items() for after in afters}

    assert drawings()[number] == allowed


def test_every_state_has_its_line_in_the_tables() -> None:
    for table in (ALLOWED, KEY_ALLOWED):
        assert set(table) == set(type(next(iter(table))))
