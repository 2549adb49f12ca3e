"""`lephi migrate`: bring databases up to the code."""

from typing import Annotated

import typer


def migrate(
    service: Annotated[str | None, typer.Argument(help="Default: every one.")] = None,
) -> None:
    """Upgrade the database of one service, or of all."""
    from chassis.migrations import upgrade
    from deploy.commands.houses import HOUSES, migrations_of, settings_of

    for name in [service] if service else HOUSES:
        upgrade(settings_of(name).database_url, migrations_of(name))
        typer.echo(f"{name}: up to date")
