"""`lephi demo`: the main job from beginning to end, over real HTTP."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Mode(StrEnum):
    EMBEDDED = "embedded"
    SERVICES = "services"


def demo(
    mode: Annotated[
        Mode, typer.Option(help="embedded starts its own platform; services uses `lephi up`.")
    ] = Mode.EMBEDDED,
    out: Annotated[Path, typer.Option(help="Where the documents go.")] = Path("out/demo"),
    var_dir: Annotated[Path, typer.Option(help="Keys and anchors live here.")] = Path("var"),
    base_port: Annotated[int, typer.Option(help="services: the gateway's port.")] = 8400,
) -> None:
    """Submit, confirm, pay, receive, verify. The first thing that is wrong ends it with 1."""
    from deploy.demo.main import run_demo

    # Told to end, leave by the front door: the platform of the demo must not outlive it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    raise typer.Exit(
        run_demo(embedded=mode is Mode.EMBEDDED, out=out, var_dir=var_dir, base_port=base_port)
    )
