"""`lephi serve` and `lephi worker`: one house as one process, or all of them as one."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings
    from chassis.worker import Worker

ServiceName = Annotated[str, typer.Argument(help="catalog, dossier, payment, receipt, …")]


def serve(
    service: Annotated[
        str | None, typer.Argument(help="gateway, catalog, dossier, payment, receipt, …")
    ] = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="The whole platform as one process, on SQLite.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Default: the service's own.")] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    var_dir: Annotated[Path, typer.Option(help="For --embedded: databases and keys.")] = Path(
        "var"
    ),
) -> None:
    """Answer HTTP for one service, or for the whole platform with --embedded."""
    from chassis.memory import settle_memory
    from deploy.commands.houses import PORTS, part_of, settings_of
    from deploy.commands.serving import run_app

    if embedded == (service is not None):
        raise typer.BadParameter("Name one service, or say --embedded.")
    if service is None:
        from deploy.embedded import serve_embedded

        serve_embedded(port or PORTS["gateway"], var_dir)
        return
    settings = settings_of(service)
    _watch(service, settings)
    app = part_of(service, "main").create_app(settings, **_given(service, settings))
    settle_memory()
    run_app(app, host=host, port=port or PORTS[service])


def _given(service: str, settings: "ServiceSettings") -> dict[str, Any]:
    """Only the image of the receipt service carries the verifier."""
    if service != "receipt":
        return {}
    from deploy.receipt_checker import checkers

    return checkers(service, settings)


def worker(service: ServiceName) -> None:
    """Relay a service's events, consume what it hears, run its schedules."""
    import uvloop

    uvloop.run(_work(service))


def _watch(name: str, settings: "ServiceSettings") -> None:
    from chassis.logging import configure_logging
    from chassis.tracing import configure_tracing

    configure_logging(settings.log_level)
    configure_tracing(name, settings.otlp_endpoint)


async def _work(service: str) -> None:
    from chassis.memory import settle_memory
    from chassis.rabbitmq import RabbitTransport
    from deploy.commands.houses import part_of, settings_of

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    settings = settings_of(service)
    if settings.broker_url.startswith("memory:"):
        give_up("A worker of its own needs a broker; embedded, the platform has it inside.", code=2)
    _watch(f"{service}-worker", settings)
    transport = await RabbitTransport.connect(settings.broker_url, prefix=settings.broker_prefix)
    try:
        running: Worker[Any] = part_of(service, "worker").create_worker(
            settings, transport=transport
        )
        settle_memory()
        await running.run(stop)
    finally:
        await transport.close()
