"""`lephi witness`: somebody outside who remembers what the audit log committed itself to."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.verify import DEFAULT_ANCHORS


def witness(
    directory: Annotated[Path, typer.Option("--dir", help="What it remembers, and its key.")],
    port: Annotated[int, typer.Option(help="Where it listens.")] = 8419,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    name: Annotated[str, typer.Option(help="As the log's keepers call it.")] = "witness",
    anchors: Annotated[
        Path, typer.Option(envvar="LEPHI_ANCHORS", help="Whose checkpoints it signs.")
    ] = DEFAULT_ANCHORS,
) -> None:
    """Run a witness: it co-signs a checkpoint only if it extends the last one it saw."""
    from chassis.logging import configure_logging
    from deploy.commands.serving import run_app
    from deploy.witness.main import create_witness

    configure_logging()
    run_app(create_witness(directory, name=name, anchors=anchors), host=host, port=port)
