"""`lephi up` and `lephi down`: every service as its own process, on PostgreSQL and RabbitMQ."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.printing import give_up

VarDir = Annotated[Path, typer.Option(help="Keys, logs and process ids live here.")]


def up(
    base_port: Annotated[int, typer.Option(help="The gateway's port; services follow.")] = 8400,
    prefix: Annotated[str, typer.Option(help="Names databases and queues.")] = "lephi",
    var_dir: VarDir = Path("var"),
) -> None:
    """Start the services, their workers, the gateway and the sandbox bank."""
    from deploy import local_services, servers

    try:
        local_services.up(base_port=base_port, prefix=prefix, var_dir=var_dir)
    except (local_services.NotStarted, servers.ServersUnavailable) as error:
        give_up(str(error), code=1)


def down(var_dir: VarDir = Path("var")) -> None:
    """Stop what `up` started."""
    from deploy import local_services

    local_services.down(var_dir)
