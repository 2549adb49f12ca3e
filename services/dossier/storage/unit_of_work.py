from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, ReadingScope, TransactionScope
from chassis.ids import Ids
from chassis.inbox import SqlInbox
from chassis.outbox import SqlOutbox
from chassis.ports import Inbox, Outbox
from services.dossier.ports import (
    Catalog,
    Dossiers,
    FeeRequests,
    Receipts,
    Refunds,
    Slips,
    Submissions,
)
from services.dossier.storage.catalog import SqlCatalog
from services.dossier.storage.dossiers import SqlDossiers
from services.dossier.storage.fee_requests import SqlFeeRequests
from services.dossier.storage.receipts import SqlReceipts
from services.dossier.storage.refunds import SqlRefunds
from services.dossier.storage.slips import SqlSlips
from services.dossier.storage.submissions import SqlSubmissions
from services.dossier.storage.tables import INBOX, OUTBOX

SOURCE: Final = "dossier"


class SqlUnitOfWork(TransactionScope):
    catalog: Catalog
    dossiers: Dossiers
    fee_requests: FeeRequests
    receipts: Receipts
    refunds: Refunds
    slips: Slips
    submissions: Submissions
    inbox: Inbox
    outbox: Outbox

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        super().__init__(database)
        self._clock = clock
        self._ids = ids

    def bind(self, connection: AsyncConnection) -> None:
        self.catalog = SqlCatalog(connection)
        self.dossiers = SqlDossiers(connection)
        self.fee_requests = SqlFeeRequests(connection)
        self.receipts = SqlReceipts(connection)
        self.refunds = SqlRefunds(connection)
        self.slips = SqlSlips(connection)
        self.submissions = SqlSubmissions(connection)
        self.inbox = SqlInbox(connection, INBOX, clock=self._clock)
        self.outbox = SqlOutbox(connection, OUTBOX, source=SOURCE, clock=self._clock, ids=self._ids)


class SqlReading(ReadingScope):
    """The same tables, looked at without a writer's lock."""

    catalog: Catalog
    dossiers: Dossiers
    fee_requests: FeeRequests
    receipts: Receipts
    refunds: Refunds
    slips: Slips

    def bind(self, connection: AsyncConnection) -> None:
        self.catalog = SqlCatalog(connection)
        self.dossiers = SqlDossiers(connection)
        self.fee_requests = SqlFeeRequests(connection)
        self.receipts = SqlReceipts(connection)
        self.refunds = SqlRefunds(connection)
        self.slips = SqlSlips(connection)
