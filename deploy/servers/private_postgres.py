"""A PostgreSQL of our own: loopback, a free port, a password, its data under var/servers."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final

from chassis.ids import SystemIds
from deploy.processes import Program, Started, recall, remember
from deploy.processes import start as start_program
from deploy.processes import stop as stop_programs
from deploy.servers import private
from deploy.servers.private import CannotStart
from deploy.servers.reach import why_no_postgres

RECORD: Final = "postgres.json"
START_SECONDS_MAX: Final = 60
STOP_SECONDS_MAX: Final = 20
VERSION_OLDEST: Final = 15


def start(folder: Path) -> str:
    """Its administrator's URL, once it answers. Data of an earlier start is used again."""
    binaries = _binaries()
    user = private.unprivileged_user("postgres")
    home = private.make_home(folder, "postgres", user)
    data, log, password_file = home / "data", home / "postgres.log", home / "password"
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, password_file, user)
    (port,) = private.free_ports(1)
    program = Program(
        name="PostgreSQL",
        command=[
            str(binaries / "postgres"),
            *("-D", str(data), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1"),
            *("-c", "unix_socket_directories="),
            *("-c", "max_connections=300"),
            *("-c", "shared_buffers=256MB"),
        ],
        log=log,
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(home)},
        user=user,
        folder=home,
    )
    process = start_program(program)
    password = password_file.read_text().strip()
    url = f"postgresql+asyncpg://postgres:{password}@127.0.0.1:{port}/postgres"
    remember(folder / RECORD, [process], url=url)
    (folder / RECORD).chmod(0o600)
    try:
        private.wait_until_it_serves(
            process, lambda: why_no_postgres(url), log=log, seconds_max=START_SECONDS_MAX
        )
    except CannotStart:
        stop(folder)
        raise
    return url


def running(folder: Path) -> str | None:
    processes, facts = recall(folder / RECORD)
    return facts["url"] if processes and all(map(Started.is_running, processes)) else None


def stop(folder: Path) -> bool:
    """End it, letting it write everything down first; False when none of ours is running."""
    processes, _ = recall(folder / RECORD)
    was_running = any(map(Started.is_running, processes))
    # SIGINT is PostgreSQL's "fast" shutdown; SIGTERM would wait for clients to leave.
    stop_programs(processes, grace_seconds=STOP_SECONDS_MAX, first=signal.SIGINT)
    (folder / RECORD).unlink(missing_ok=True)
    return was_running


def _binaries() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += Path("/usr/lib/postgresql").glob("*/bin")
    fit = [(version, place) for place in places if (version := _version(place)) >= VERSION_OLDEST]
    if not fit:
        raise CannotStart("no PostgreSQL 15 or later is installed", needs_package=True)
    return max(fit)[1]


def _version(place: Path) -> int:
    if not (place / "initdb").exists() or not (place / "postgres").exists():
        return 0
    said = subprocess.run(
        [str(place / "postgres"), "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = said.rpartition("PostgreSQL) ")[2].partition(".")[0].partition(" ")[0].strip()
    return int(number) if number.isdigit() else 0


def _initialise(binaries: Path, data: Path, password_file: Path, user: str | None) -> None:
    password_file.write_text(SystemIds().token() + "\n")
    password_file.chmod(0o600)
    private.give_to(user, password_file)
    if data.exists():
        # Left by a start that was broken off: without PG_VERSION there is nothing in it.
        shutil.rmtree(data)
    done = subprocess.run(
        [
            str(binaries / "initdb"),
            *("-D", str(data), "-U", "postgres"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=data.parent,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if done.returncode != 0:
        raise CannotStart(f"initdb failed: {done.stderr.strip()}")
