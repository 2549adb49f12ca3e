"""`lephi identity`: the sandbox identity provider, a program of its own."""

from pathlib import Path
from typing import Annotated

import typer


def identity(
    port: Annotated[int, typer.Option(help="Where the provider listens.")] = 8410,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    gateway_url: Annotated[
        str, typer.Option(help="The gateway's public address.")
    ] = "http://127.0.0.1:8400",
    federations_file: Annotated[
        Path, typer.Option(help="What the gateway reads; written when it is not there.")
    ] = Path("var/federations.json"),
) -> None:
    """Run the sandbox identity provider, where one chooses which made-up citizen to be."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.sandbox_identity.federations_file import ensure_federations_file
    from deploy.sandbox_identity.main import create_identity

    configure_logging()
    issuer = f"http://{host}:{port}"
    client = ensure_federations_file(federations_file, issuer=issuer, gateway_url=gateway_url)
    run_app(create_identity(issuer, client), host=host, port=port)
