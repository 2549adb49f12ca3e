"""`lephi keys`: partners' keys from registration to revocation, and a development machine's."""

from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.commands import client_keys, key_export

app = typer.Typer(
    help="Keys of portals and banks, and of a development machine.", no_args_is_help=True
)


@app.callback()
def keys() -> None:
    """Keys of portals and banks, and of a development machine."""


@app.command()
def init(
    var_dir: Annotated[Path, typer.Option(help="Keys go to keys/, anchors to trust/.")] = Path(
        "var"
    ),
) -> None:
    """Make the development keys that are missing; those that exist stay."""
    from deploy.development_keys import ensure_development_keys

    ensure_development_keys(var_dir)
    typer.echo(f"Keys are in {var_dir / 'keys'}, anchors in {var_dir / 'trust'}.")


app.command("add-client")(client_keys.add_client)
app.command("list")(client_keys.list_keys)
# A key's id may begin with a dash, and is no option then.
NAMED: Final = {"ignore_unknown_options": True}
app.command("show", context_settings=NAMED)(client_keys.show)
app.command("history", context_settings=NAMED)(client_keys.history)
app.command("challenge", context_settings=NAMED)(client_keys.challenge)
app.command("prove", context_settings=NAMED)(client_keys.prove)
app.command("register")(client_keys.register)
app.command("approve", context_settings=NAMED)(client_keys.approve)
app.command("retire", context_settings=NAMED)(client_keys.retire)
app.command("revoke", context_settings=NAMED)(client_keys.revoke)
app.command("export")(key_export.export)
