"""`lephi contracts`: the interfaces between houses, written down."""

from typing import Annotated

import typer

from deploy.commands.printing import give_up

app = typer.Typer(help="OpenAPI and AsyncAPI documents.", no_args_is_help=True)


@app.callback()
def contracts() -> None:
    """OpenAPI and AsyncAPI documents."""


@app.command()
def write(
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; 1 when they drift.")
    ] = False,
) -> None:
    """Generate contracts/ from the code."""
    from deploy import contracts as documents

    drifted = documents.write(check=check)
    if check and drifted:
        give_up(f"Out of date: {', '.join(str(path) for path in drifted)}", code=1)
