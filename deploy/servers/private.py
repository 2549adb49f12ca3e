"""What the two private servers share: a folder they can reach, free ports, an ordinary user."""

import hashlib
import os
import pwd
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from deploy.processes import Started, tail

LOOK_AGAIN_SECONDS: Final = 0.2


class CannotStart(Exception):
    def __init__(self, reason: str, *, needs_package: bool = False) -> None:
        super().__init__(reason)
        self.needs_package = needs_package


def unprivileged_user(*wanted: str) -> str | None:
    """Both servers refuse root: the user to become, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in (*wanted, "nobody"):
        if name in names:
            return name
    raise CannotStart("root may not run it, and there is no unprivileged user to become")


def make_home(folder: Path, name: str, user: str | None) -> Path:
    """A folder of the server's own. Root's checkout may be closed to the user it becomes."""
    home = folder / name
    if user is not None and not _all_may_enter(folder):
        home = _home_outside(folder, name)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        if home.owner() not in {user, "root"}:
            raise CannotStart(f"{home} belongs to somebody else")
        shutil.chown(home, user)
    return home


def remove_home(folder: Path, name: str) -> None:
    """Everything the server kept, wherever it was kept."""
    for home in (folder / name, _home_outside(folder, name)):
        shutil.rmtree(home, ignore_errors=True)


def _home_outside(folder: Path, name: str) -> Path:
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"lephi-{mark}-{name}"  # noqa: S108


def give_to(user: str | None, *paths: Path) -> None:
    if user is not None:
        for path in paths:
            shutil.chown(path, user)


def free_ports(count: int) -> Sequence[int]:
    """Ports nobody listens on now; all held until the last is known, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def wait_until_it_serves(
    process: Started, why_not: Callable[[], str | None], *, log: Path, seconds_max: float
) -> None:
    deadline = time.monotonic() + seconds_max
    reason = why_not()
    while reason is not None:
        if not process.is_running():
            raise CannotStart(f"{process.name} ended at once:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise CannotStart(f"{process.name} does not answer ({reason}):\n{tail(log)}")
        time.sleep(LOOK_AGAIN_SECONDS)
        reason = why_not()


def _all_may_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))
