"""We end what we started, all of it, and never a stranger who was given its number."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.processes import Program, Started, recall, remember, start, stop, tail


@pytest.fixture
def begun() -> Iterator[list[Started]]:
    started: list[Started] = []
    yield started
    stop(started, grace_seconds=5)


def python(code: str, log: Path, *, name: str = "sleeper") -> Program:
    return Program(
        name=name, command=[sys.executable, "-c", code], log=log, environment=dict(os.environ)
    )


SLEEP = "import time; time.sleep(60)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_program_is_stopped_when_asked(tmp_path: Path, begun: list[Started]) -> None:
    begun.append(start(python(SLEEP, tmp_path / "log")))
    assert begun[0].is_running()

    assert stop(begun, grace_seconds=5) == []

    assert not begun[0].is_running()


def test_one_that_will_not_listen_is_forced_and_named(tmp_path: Path, begun: list[Started]) -> None:
    begun.append(start(python(STUBBORN, tmp_path / "log", name="stubborn")))
    wait_for(tmp_path / "log", "deaf")

    assert stop(begun, grace_seconds=0.3) == ["stubborn"]

    assert not begun[0].is_running()


def test_the_children_of_a_program_go_with_it(tmp_path: Path, begun: list[Started]) -> None:
    begun.append(start(python(PARENT, tmp_path / "log")))
    child = Started.of(int(wait_for(tmp_path / "log", "\n")), "child")

    stop(begun, grace_seconds=5)

    deadline = time.monotonic() + 5
    while child.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.is_running()


def test_a_stranger_with_the_same_number_is_left_alone(
    tmp_path: Path, begun: list[Started]
) -> None:
    begun.append(start(python(SLEEP, tmp_path / "log")))
    remembered = Started(name="long gone", pid=begun[0].pid, start_mark="1")

    assert not remembered.is_running()
    assert stop([remembered], grace_seconds=0.2) == []

    assert begun[0].is_running()


def test_what_is_remembered_can_be_stopped_by_another_process(
    tmp_path: Path, begun: list[Started]
) -> None:
    begun.append(start(python(SLEEP, tmp_path / "log")))
    remember(tmp_path / "run.json", begun, base_port=8400)

    recalled, facts = recall(tmp_path / "run.json")

    assert (recalled, facts) == (begun, {"base_port": "8400"})
    stop(recalled, grace_seconds=5)
    assert not begun[0].is_running()


def test_nothing_is_recalled_where_nothing_was_remembered(tmp_path: Path) -> None:
    assert recall(tmp_path / "run.json") == ([], {})


def test_a_signal_of_ones_own_choice_may_come_first(tmp_path: Path, begun: list[Started]) -> None:
    polite = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (print('interrupted', flush=True), sys.exit()))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    begun.append(start(python(polite, tmp_path / "log")))
    wait_for(tmp_path / "log", "up")

    stop(begun, grace_seconds=5, first=signal.SIGINT)

    assert "interrupted" in tail(tmp_path / "log")


def wait_for(log: Path, text: str) -> str:
    deadline = time.monotonic() + 10
    while text not in (seen := log.read_text()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
    return seen
