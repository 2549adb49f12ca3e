"""Sizes and names that keep every file readable in one sitting."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CODE: Final = ("chassis", "services", "gateway", "deploy", "tests")
FILE_LINES_MAX: Final = 400
TEST_FILE_LINES_MAX: Final = 500
FUNCTION_LINES_MAX: Final = 70
PARAMETERS_MAX: Final = 6
LINE_COLUMNS_MAX: Final = 100
# A drawer: a name that fits anything, and soon holds everything.
DRAWERS: Final = {"utils", "util", "helpers", "common", "misc", "manager", "base", "service"}
LEFT_FOR_LATER: Final = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")
# Where more parameters read better than an object made only to carry them. All are keyword-only.
MORE_PARAMETERS: Final = {
    "chassis/http.py:create_api",  # the settings of an API, each with a default
    "chassis/message_signatures/answers.py:sign_response",  # what RFC 9421 signs, one by one
    "chassis/message_signatures/answers.py:verify_response",
    "chassis/problems.py:problem",  # the members of RFC 9457
    "chassis/worker.py:__init__",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    return sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))


def functions() -> Iterator[tuple[Path, Function]]:
    for path in files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, Function):
                yield path, node


def named(path: Path, function: Function | None = None) -> str:
    place = str(path.relative_to(ROOT))
    return f"{place}:{function.name}" if function else place


def test_there_is_code_to_look_at() -> None:
    assert len(files()) > 100


def test_no_file_is_too_long() -> None:
    long = {
        named(path): lines
        for path in files()
        if (lines := len(path.read_text("utf-8").splitlines()))
        > (TEST_FILE_LINES_MAX if path.is_relative_to(ROOT / "tests") else FILE_LINES_MAX)
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = {
        named(path, function): lines
        for path, function in functions()
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_no_function_takes_too_many_parameters() -> None:
    many = {
        named(path, function): count
        for path, function in functions()
        if (count := parameters(function)) > PARAMETERS_MAX
        # A test's samples name every fact of a thing, one keyword each.
        and not path.is_relative_to(ROOT / "tests")
        and not is_called_by_a_framework(function)
    }
    assert {name for name in many if name not in MORE_PARAMETERS} == set()
    assert many.keys() >= MORE_PARAMETERS, "an exception that nothing needs any more"


def parameters(function: Function) -> int:
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([each for each in given if each.arg not in {"self", "cls"}])


def is_called_by_a_framework(function: Function) -> bool:
    """A route, a command or a fixture: its parameters are a query string, options, a setting."""
    called = {
        "get",
        "post",
        "put",
        "delete",
        "patch",
        "command",
        "callback",
        "fixture",
        "websocket",
    }
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in called:
            return True
    return False


def test_no_file_is_a_drawer() -> None:
    drawers = [
        named(path) for path in files() if path.stem in DRAWERS or path.parent.name in DRAWERS
    ]
    assert drawers == []


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{named(path)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if any(word in line.split() or f"{word}:" in line for word in LEFT_FOR_LATER)
    ]
    assert left == []


def test_no_test_is_skipped_but_for_want_of_a_server() -> None:
    allowed = {ROOT / "tests" / "servers.py", Path(__file__)}
    words = ("pytest.skip(", "mark.skip", "mark.xfail", "importorskip")
    skipping = [
        named(path)
        for path in files()
        if path not in allowed and any(word in path.read_text("utf-8") for word in words)
    ]
    assert skipping == []


@pytest.mark.parametrize("package", ["chassis", "services", "gateway", "deploy"])
def test_a_package_begins_empty(package: str) -> None:
    """Importing one part must not drag in the others."""
    assert (ROOT / package / "__init__.py").read_text("utf-8") == ""


def test_every_folder_of_code_is_a_package() -> None:
    """Without __init__.py a folder is not installed, and import-linter does not see it."""
    bare = {
        named(path.parent)
        for folder in ("chassis", "services", "gateway", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        if not (path.parent / "__init__.py").exists() and "migrations" not in path.parts
    }
    assert bare == set()
