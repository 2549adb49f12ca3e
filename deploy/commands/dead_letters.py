"""`lephi dead-letters`: events that a service could not take, waiting for somebody to decide."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.houses import package_of, settings_of
from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from chassis.rabbitmq import RabbitTransport

app = typer.Typer(help="Events that a service could not take.", no_args_is_help=True)
ServiceName = Annotated[str, typer.Argument(help="dossier, payment, receipt, …")]


@app.command("list")
def list_letters(service: ServiceName) -> None:
    """Say how many events of a service are parked."""
    waiting = _ask_broker(service, lambda transport: transport.count_dead(service))
    typer.echo(f"{service}: {waiting} parked")


@app.command()
def replay(
    service: ServiceName,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
) -> None:
    """Send parked events back to the queues they failed in."""
    sent = _ask_broker(service, lambda transport: transport.replay_dead(service, limit=limit))
    typer.echo(f"{service}: {sent} sent back")


def _ask_broker(service: str, ask: Callable[["RabbitTransport"], Awaitable[int]]) -> int:
    from chassis.rabbitmq import RabbitTransport

    package_of(service)
    settings = settings_of(service)
    if settings.broker_url.startswith("memory:"):
        give_up("Embedded, there is no broker: the parked events are files below var/.", code=2)

    async def connect_and_ask() -> int:
        transport = await RabbitTransport.connect(
            settings.broker_url, prefix=settings.broker_prefix
        )
        try:
            return await ask(transport)
        finally:
            await transport.close()

    return asyncio.run(connect_and_ask())
