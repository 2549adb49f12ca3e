"""Options that several commands about providers take, and how they are read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from chassis.keys import PrivateKey, PublicKey

FILE_BYTES_MAX = 65536
USAGE = 2

Secrets = Annotated[
    list[str] | None,
    typer.Option("--secret", help="NAME=VALUE, or NAME=@FILE to keep it out of the history."),
]
Facts = Annotated[list[str] | None, typer.Option("--fact", help="NAME=VALUE, as registered.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AtTime = Annotated[
    str | None, typer.Option("--at", help="As if it were this time (ISO 8601); else now.")
]


def named_values(given: list[str] | None, *, option: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals or not name or name in values:
            give_up(f"--{option} is NAME=VALUE, each name once.", code=USAGE)
        values[name] = _of_file(value[1:]) if value.startswith("@") else value
    return values


def moment(given: str | None) -> datetime:
    from chassis.clock import VIETNAM, SystemClock

    if given is None:
        return SystemClock().now()
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        give_up(f"--at {given!r} is no time in ISO 8601.", code=USAGE)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=VIETNAM)
    return instant.astimezone(UTC)


def public_key(path: Path | None) -> "PublicKey | None":
    from chassis.keys import load_public_key

    if path is None:
        return None
    try:
        return load_public_key(path)
    except (OSError, ValueError, TypeError) as error:
        give_up(f"--key {path}: no public key in PEM ({type(error).__name__}).", code=USAGE)


def private_key(path: Path | None) -> "PrivateKey | None":
    from chassis.keys import load_private_key

    if path is None:
        return None
    try:
        return load_private_key(path)
    except (OSError, ValueError, TypeError) as error:
        give_up(f"--key {path}: no private key in PEM ({type(error).__name__}).", code=USAGE)


def _of_file(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            return file.read(FILE_BYTES_MAX).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"{name}: cannot be read ({type(error).__name__}).", code=USAGE)
