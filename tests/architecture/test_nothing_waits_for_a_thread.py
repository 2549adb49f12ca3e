"""FastAPI runs a plain `def` in a thread: a hop that costs more than what most of them do."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path for house in ("chassis", "gateway", "services") for path in (ROOT / house).rglob("*.py")
)
METHODS = {"get", "post", "put", "patch", "delete"}


def plain(tree: ast.Module) -> Iterator[str]:
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Depends":
            names = [one.id for one in node.args if isinstance(one, ast.Name)]
            yield from (name for name in names if name in functions)
    for function in functions.values():
        for decorator in function.decorator_list:
            called = getattr(decorator, "func", None)
            if isinstance(called, ast.Attribute) and called.attr in METHODS:
                yield function.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_routes_and_their_dependencies_are_coroutines(path: Path) -> None:
    assert list(plain(ast.parse(path.read_text()))) == []


def test_a_plain_function_would_be_seen() -> None:
    tree = ast.parse(
        "def a(): ...\nX = Annotated[int, Depends(a)]\n@router.get('/')\ndef b(): ...\n"
    )

    assert sorted(plain(tree)) == ["a", "b"]
