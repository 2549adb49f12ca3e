"""Which programs there are: where each is put together, and the port it has by default."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import typer

from deploy.commands.printing import give_up

SERVICES: Final = ("catalog", "dossier", "payment", "receipt", "notification")
HOUSES: Final = ("gateway", *SERVICES)
PORTS: Final = {name: 8400 + offset for offset, name in enumerate(HOUSES)}


def package_of(name: str) -> str:
    if name not in HOUSES:
        raise typer.BadParameter(f"{name!r} is none of: {', '.join(HOUSES)}.")
    return name if name == "gateway" else f"services.{name}"


def settings_of(name: str) -> Any:
    """The house's settings, read from the environment. Only this house is imported."""
    from pydantic import ValidationError

    module = import_module(f"{package_of(name)}.settings")
    try:
        return getattr(module, f"{name.capitalize()}Settings")()
    except ValidationError as error:
        wrong = [
            f"{name}_{'_'.join(map(str, one['loc']))}".upper() + f": {one['msg']}"
            for one in error.errors()
        ]
        give_up("The environment does not fit:\n  " + "\n  ".join(wrong), code=2)


def part_of(name: str, room: str) -> Any:
    return import_module(f"{package_of(name)}.{room}")


def migrations_of(name: str) -> Path:
    package = import_module(package_of(name))
    return Path(str(package.__file__)).parent / "migrations"
