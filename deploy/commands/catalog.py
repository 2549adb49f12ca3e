"""`lephi catalog`: publish agencies, procedures, fees and ways to pay from a file."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.printing import give_up

app = typer.Typer(help="The published catalogue.", no_args_is_help=True)


@app.callback()
def catalog() -> None:
    """The published catalogue."""


@app.command()
def load(file: Annotated[Path, typer.Argument(help="A catalogue in JSON.")]) -> None:
    """Publish a file into the database of CATALOG_DATABASE_URL: all of it, or nothing."""
    from chassis.errors import Refused
    from services.catalog.main import load_file
    from services.catalog.settings import CatalogSettings

    try:
        summary = asyncio.run(load_file(CatalogSettings(), file))
    except Refused as error:
        give_up(error.message, code=1)
    except OSError as error:
        give_up(f"{file}: {error.strerror}", code=2)
    for what, tally in asdict(summary).items():
        counts = ", ".join(f"{count} {name}" for name, count in tally.items())
        typer.echo(f"{what.replace('_', ' ')}: {counts}")
