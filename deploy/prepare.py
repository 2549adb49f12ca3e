"""`python -m deploy.prepare`: what a new platform needs once, before its services start.

Reads the same variables as the services. Safe to repeat.
"""

import asyncio
import sys

from chassis.rabbitmq import RabbitTransport
from deploy.commands.houses import HOUSES
from deploy.event_table import heard_by
from gateway.assembly.development_clients import register_development_clients
from gateway.settings import GatewaySettings
from services.catalog.main import load_file
from services.catalog.settings import CatalogSettings


async def prepare(*, gateway: GatewaySettings, catalog: CatalogSettings) -> None:
    """Queues for everybody, the sample catalogue, the demonstration's portal and bank."""
    await prepare_queues(gateway.broker_url, prefix=gateway.broker_prefix)
    await load_file(catalog)
    await register_development_clients(gateway)


async def prepare_queues(broker_url: str, *, prefix: str) -> None:
    """Before anybody speaks: what is said to a queue that is not there yet is set aside."""
    transport = await RabbitTransport.connect(broker_url, prefix=prefix)
    try:
        for house in HOUSES:
            await transport.prepare(house, heard_by(house))
    finally:
        await transport.close()


def main() -> int:
    asyncio.run(prepare(gateway=GatewaySettings(), catalog=CatalogSettings()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
