"""`lephi keys`: the keys of a development machine."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Development keys.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Development keys."""


@app.command()
def init(
    var_dir: Annotated[Path, typer.Option(help="Keys go to keys/, anchors to trust/.")] = Path(
        "var"
    ),
) -> None:
    """Make the keys that are missing; those that exist stay."""
    from deploy.development_keys import ensure_development_keys

    ensure_development_keys(var_dir)
    typer.echo(f"Keys are in {var_dir / 'keys'}, anchors in {var_dir / 'trust'}.")
