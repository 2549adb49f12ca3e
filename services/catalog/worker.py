from chassis.clock import Clock
from chassis.db import Database
from chassis.ids import Ids
from chassis.transport import Transport
from chassis.worker import Worker
from services.catalog.settings import CatalogSettings
from services.catalog.storage.tables import OUTBOX


def create_worker(
    settings: CatalogSettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,  # noqa: ARG001  # Every service's worker is made alike.
    ids: Ids | None = None,  # noqa: ARG001
) -> Worker[None]:
    """The catalogue speaks and does not listen: its worker only relays the outbox."""
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    return Worker(
        service="catalog",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
    )
