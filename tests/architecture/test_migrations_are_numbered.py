"""Migrations form one line, 0001, 0002, 0003 …, each named for what it does."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
NAME: Final = re.compile(r"^(?P<number>\d{4})_[a-z0-9]+(_[a-z0-9]+)*\.py$")
HOUSES: Final = sorted(
    path.parent
    for pattern in ("services/*/migrations", "gateway/migrations")
    for path in ROOT.glob(pattern)
)


def versions(house: Path) -> list[Path]:
    return sorted((house / "migrations" / "versions").glob("[0-9]*.py"))


def assigned(path: Path) -> dict[str, object]:
    """The constants a migration sets at its top level."""
    values: dict[str, object] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        target: ast.expr | None = None
        if isinstance(node, ast.Assign):
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign):
            target = node.target
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            values[target.id] = value.value
    return values


def test_every_house_keeps_its_own_migrations() -> None:
    assert [house.name for house in HOUSES] == [
        "gateway",
        "catalog",
        "dossier",
        "notification",
        "payment",
        "receipt",
    ]


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
def test_migrations_are_numbered_without_a_gap(house: Path) -> None:
    names = [NAME.match(path.name) for path in versions(house)]
    assert names, "no migration"
    numbers = [int(name["number"]) if name else None for name in names]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
def test_each_migration_follows_the_one_before(house: Path) -> None:
    before: str | None = None
    for path in versions(house):
        values = assigned(path)
        number = path.name[:4]
        assert values["revision"] == number
        assert values["down_revision"] == before
        before = number


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
def test_each_migration_says_why_and_can_be_undone(house: Path) -> None:
    for path in versions(house):
        tree = ast.parse(path.read_text("utf-8"))
        assert ast.get_docstring(tree), f"{path.name} does not say what it is for"
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert {"upgrade", "downgrade"} <= defined, path.name
