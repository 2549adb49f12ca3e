"""CPU and memory of processes, read from /proc; never by signalling them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Of a bench and its floors.
DATABASES = ("lephi_bench", "lephi_floor", "lephi_notice_floor")
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
    """The named processes of ours, RabbitMQ, and PostgreSQL without other people's connections."""
    spent = {name: _cpu_seconds(pid) for name, pid in pids.items()}
    for pid, command in _all_processes():
        if command == "beam.smp":
            spent["rabbitmq"] = spent.get("rabbitmq", 0.0) + _cpu_seconds(pid)
        if command == "postgres" and not _serves_others(pid):
            # Without the ended children of the server: whose they were cannot be told.
            spent["postgresql"] = spent.get("postgresql", 0.0) + _cpu_seconds(pid, ended=False)
    return Reading(spent, _steal_seconds())


def resident_megabytes(pid: int) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * PAGE_BYTES / 1024**2


def _serves_others(pid: int) -> bool:
    """A server process says in its title whose connection it serves, if it serves one."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return True
    is_connection = "(" in title or "[local]" in title
    return is_connection and not any(word.startswith(DATABASES) for word in title.split())


def _cpu_seconds(pid: int, *, ended: bool = True) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()
    # utime and stime, and those of children that have ended.
    counted = (11, 12, 13, 14) if ended else (11, 12)
    return sum(int(fields[index]) for index in counted) / TICKS_PER_SECOND


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
