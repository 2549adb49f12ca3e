"""Programs we start, remembered on disk so that exactly these, and no others, are ended."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

LOOK_AGAIN_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: `user` is a name to become when root starts it."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    user: str | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A process of ours. Its id may be given to a stranger later; its start time may not."""

    name: str
    pid: int
    start_mark: str

    @classmethod
    def of(cls, pid: int, name: str) -> Self:
        return cls(name=name, pid=pid, start_mark=start_mark(pid) or "gone")

    def is_running(self) -> bool:
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        mark = start_mark(self.pid)
        return mark is not None and mark == self.start_mark


def start(program: Program) -> Started:
    """Run it in a process group of its own, with its output in its log."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(program.environment),
            cwd=program.folder,
            start_new_session=True,
            user=program.user,
            group=program.user,
            extra_groups=None if program.user is None else [],
        )
    started = Started.of(process.pid, program.name)
    # Whoever started it may leave first; from here only the record counts, not the handle.
    process.returncode = 0
    return started


def start_mark(pid: int) -> str | None:
    """When this process began, in the words of the system; None when there is no such process."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in brackets may hold spaces; what follows it does not.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" else fields[19]
    listed = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip() or None


def stop(
    processes: Sequence[Started], *, grace_seconds: float, first: signal.Signals = signal.SIGTERM
) -> list[str]:
    """Ask all to end, wait, then end those that did not; the names that had to be forced."""
    running = [process for process in processes if process.is_running()]
    for process in running:
        _signal_group(process, first)
    waiting = _wait_until_gone(running, grace_seconds)
    for process in waiting:
        _signal_group(process, signal.SIGKILL)
    _wait_until_gone(waiting, grace_seconds)
    return [process.name for process in waiting]


def remember(file: Path, processes: Sequence[Started], **facts: str | int) -> None:
    """Write the record under another name first: a half-written one would lose processes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {"processes": [asdict(process) for process in processes], **facts}
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(record, indent=2) + "\n")
    draft.replace(file)


def recall(file: Path) -> tuple[list[Started], dict[str, str]]:
    """The processes and the facts of a record; nothing when there is none."""
    if not file.exists():
        return [], {}
    record = json.loads(file.read_text())
    processes = [Started(**process) for process in record.pop("processes")]
    return processes, {name: str(value) for name, value in record.items()}


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for a message about a program that did not start."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _signal_group(process: Started, number: signal.Signals) -> None:
    # Looked at again just before: between two looks the id cannot be reused unnoticed.
    if process.is_running():
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _wait_until_gone(processes: Sequence[Started], seconds: float) -> list[Started]:
    deadline = time.monotonic() + seconds
    waiting = [process for process in processes if process.is_running()]
    while waiting and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_SECONDS)
        waiting = [process for process in waiting if process.is_running()]
    return waiting
