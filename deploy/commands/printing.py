"""How commands speak: one JSON object for programs, sentences for people."""

import json
from typing import Any, NoReturn

import typer


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def give_up(message: str, *, code: int) -> NoReturn:
    """Say why on standard error and leave with the code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
