from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.transport import Transport
from chassis.worker import Worker
from services.dossier.consumers import CONSUMERS
from services.dossier.consumers.tools import Tools
from services.dossier.settings import DossierSettings
from services.dossier.storage.tables import OUTBOX
from services.dossier.storage.unit_of_work import SqlUnitOfWork


def create_worker(
    settings: DossierSettings,
    *,
    transport: Transport,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Worker[Tools]:
    """Relays the outbox and hears the catalog, payment and receipts."""
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    opened = database or Database.open(settings.database_url, pool_size=settings.database_pool_size)
    return Worker(
        service="dossier",
        database=opened,
        outbox=OUTBOX,
        transport=transport,
        internal_keys=settings.keys_dir / "internal",
        consumers=CONSUMERS,
        tools=Tools(uow=lambda: SqlUnitOfWork(opened, clock=clock, ids=ids), clock=clock),
    )
