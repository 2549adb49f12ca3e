"""CPU and memory of processes, read from /proc; never by signalling them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU seconds so far, by name; several processes of one name are added up."""

    cpu_seconds: Mapping[str, float]
    steal_seconds: float

    def since(self, earlier: "Reading") -> "Reading":
        spent = {
            name: seconds - earlier.cpu_seconds.get(name, 0.0)
            for name, seconds in self.cpu_seconds.items()
        }
        return Reading(spent, self.steal_seconds - earlier.steal_seconds)


def read_cpu(pids: Mapping[str, int]) -> Reading:
    """The named processes of ours, and all of PostgreSQL and RabbitMQ on this machine."""
    spent = {name: _cpu_seconds(pid) for name, pid in pids.items()}
    for pid, command in _all_processes():
        if command in ("postgres", "beam.smp"):
            name = "postgresql" if command == "postgres" else "rabbitmq"
            spent[name] = spent.get(name, 0.0) + _cpu_seconds(pid)
    return Reading(spent, _steal_seconds())


def resident_megabytes(pid: int) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * PAGE_BYTES / 1024**2


def _cpu_seconds(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()
    # utime and stime, and those of children that have ended (a server's short-lived backends).
    return sum(int(fields[index]) for index in (11, 12, 13, 14)) / TICKS_PER_SECOND


def _all_processes() -> list[tuple[int, str]]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found.append((int(folder.name), (folder / "comm").read_text().strip()))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _steal_seconds() -> float:
    return int(Path("/proc/stat").read_text().split("\n")[0].split()[8]) / TICKS_PER_SECOND
