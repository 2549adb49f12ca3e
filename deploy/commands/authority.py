"""`lephi authority`: the sandbox authorities (OCSP, CRL, time stamps), a program of its own."""

from pathlib import Path
from typing import Annotated

import typer


def authority(
    keys_dir: Annotated[Path, typer.Option(help="Holds sandbox-authority/ and trust/.")] = Path(
        "var/keys"
    ),
    port: Annotated[int, typer.Option(help="Where it listens, on loopback.")] = 8411,
) -> None:
    """Run the authorities that development certificates and time stamps come from."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.sandbox_authority.main import create_authority

    configure_logging()
    run_app(create_authority(keys_dir), host="127.0.0.1", port=port)
