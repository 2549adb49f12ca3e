"""Where the servers are: configured, standard, private; and what to do when there are none."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from deploy.servers import packages, private, private_postgres, private_rabbitmq
from deploy.servers.private import CannotStart
from deploy.servers.reach import why_no_postgres, why_no_rabbitmq

STANDARD_POSTGRES: Final = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
STANDARD_RABBITMQ: Final = "amqp://guest:guest@127.0.0.1:5672/"

Say = Callable[[str], None]


class ServersUnavailable(Exception):
    """Says which server is missing, what was tried, and what the reader can do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """`postgres_url` is an administrator's; `started` names what this call itself started."""

    postgres_url: str
    rabbitmq_url: str
    started: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the two servers, and how to get at it."""

    name: str
    variable: str
    standard: str
    package: str
    why_not: Callable[[str], str | None]
    start: Callable[[Path], str]
    running: Callable[[Path], str | None]
    stop: Callable[[Path], bool]


POSTGRES: Final = Kind(
    name="PostgreSQL",
    variable="LEPHI_POSTGRES_URL",
    standard=STANDARD_POSTGRES,
    package="postgresql",
    why_not=why_no_postgres,
    start=private_postgres.start,
    running=private_postgres.running,
    stop=private_postgres.stop,
)
RABBITMQ: Final = Kind(
    name="RabbitMQ",
    variable="LEPHI_RABBITMQ_URL",
    standard=STANDARD_RABBITMQ,
    package="rabbitmq-server",
    why_not=why_no_rabbitmq,
    start=private_rabbitmq.start,
    running=private_rabbitmq.running,
    stop=private_rabbitmq.stop,
)


def ensure(var_dir: Path = Path("var"), *, say: Say = print) -> Servers:
    """Both servers, answering. Raises ServersUnavailable with instructions when that fails."""
    folder = var_dir.resolve() / "servers"
    with _one_at_a_time(folder):
        postgres_url, postgres_is_new = _ensure(POSTGRES, folder, say)
        rabbitmq_url, rabbitmq_is_new = _ensure(RABBITMQ, folder, say)
    new = {POSTGRES.name: postgres_is_new, RABBITMQ.name: rabbitmq_is_new}
    return Servers(
        postgres_url=postgres_url,
        rabbitmq_url=rabbitmq_url,
        started=tuple(name for name, is_new in new.items() if is_new),
    )


def stop(var_dir: Path = Path("var"), *, say: Say = print) -> None:
    """End the private servers that were started under this folder; touch no other."""
    folder = var_dir.resolve() / "servers"
    if not folder.exists():
        return
    with _one_at_a_time(folder):
        for kind in (RABBITMQ, POSTGRES):
            if kind.stop(folder):
                say(f"{kind.name}: private server stopped")


def remove(var_dir: Path) -> None:
    """End the private servers of this folder and delete their data."""
    stop(var_dir, say=lambda _: None)
    for name in ("postgres", "rabbitmq"):
        private.remove_home(var_dir.resolve() / "servers", name)


def _ensure(kind: Kind, folder: Path, say: Say) -> tuple[str, bool]:
    configured = os.environ.get(kind.variable)
    if configured:
        reason = kind.why_not(configured)
        if reason:
            raise ServersUnavailable(f"{kind.name} at {kind.variable} does not serve us: {reason}.")
        return configured, False
    private_only = os.environ.get("LEPHI_SERVERS") == "private"
    standard_reason = "not asked, LEPHI_SERVERS=private"
    if not private_only:
        reason = kind.why_not(kind.standard)
        if reason is None:
            say(f"{kind.name}: the one on this machine, {_shown(kind.standard)}")
            return kind.standard, False
        standard_reason = reason
    already = kind.running(folder)
    if already and kind.why_not(already) is None:
        say(f"{kind.name}: the private one that is running already")
        return already, False
    return _start(kind, folder, standard_reason, say), True


def _start(kind: Kind, folder: Path, standard_reason: str, say: Say) -> str:
    try:
        return _say_started(kind, kind.start(folder), say)
    except CannotStart as missing:
        if not missing.needs_package or not packages.can_install():
            raise ServersUnavailable(_advice(kind, standard_reason, str(missing))) from missing
    say(f"{kind.name}: installing the package {kind.package}")
    try:
        packages.install(kind.package)
        return _say_started(kind, kind.start(folder), say)
    except (CannotStart, packages.InstallFailed) as error:
        raise ServersUnavailable(_advice(kind, standard_reason, str(error))) from error


def _say_started(kind: Kind, url: str, say: Say) -> str:
    say(f"{kind.name}: private server started, {_shown(url)}")
    return url


def _advice(kind: Kind, standard_reason: str, private_reason: str) -> str:
    return (
        f"{kind.name} is needed and was not found.\n"
        f"  at {_shown(kind.standard)}: {standard_reason}\n"
        f"  a private one: {private_reason}\n"
        f"Set {kind.variable} to one you have, or install it"
        f" (on Debian: sudo apt-get install {kind.package}) and try again."
    )


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two commands at once must not start two servers in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
