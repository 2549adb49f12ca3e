from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, TransactionScope
from chassis.ids import Ids
from chassis.inbox import SqlInbox
from chassis.outbox import SqlOutbox
from services.receipt.storage.amendments.amendments import SqlAmendments
from services.receipt.storage.outside.findings import SqlOutsideFindings
from services.receipt.storage.outside.issues import SqlOutsideIssues
from services.receipt.storage.receipts.documents import SqlDocuments
from services.receipt.storage.receipts.paid_fees import SqlPaidFees
from services.receipt.storage.receipts.receipts import SqlReceipts
from services.receipt.storage.receipts.refund_notes import SqlRefundNotes
from services.receipt.storage.series.collecting_bodies import SqlCollectingBodies
from services.receipt.storage.series.delegations import SqlDelegations
from services.receipt.storage.series.register import SqlSeriesRegister
from services.receipt.storage.series.registrations import SqlRegistrations
from services.receipt.storage.series.series import SqlReceiptRules, SqlSeriesBook
from services.receipt.storage.tables import INBOX, OUTBOX

SOURCE: Final = "receipt"
OURS_ALONE: Final[Mapping[str, str]] = {}


class SqlUnitOfWork(TransactionScope):
    collecting_bodies: SqlCollectingBodies
    rules: SqlReceiptRules
    series: SqlSeriesBook
    register: SqlSeriesRegister
    registrations: SqlRegistrations
    delegations: SqlDelegations
    fees: SqlPaidFees
    receipts: SqlReceipts
    refund_notes: SqlRefundNotes
    documents: SqlDocuments
    outside: SqlOutsideIssues
    outside_findings: SqlOutsideFindings
    amendments: SqlAmendments
    inbox: SqlInbox
    outbox: SqlOutbox

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        ids: Ids,
        issuers: Mapping[str, str] = OURS_ALONE,
        series_must_be_planned: bool = False,
    ) -> None:
        """`issuers`: by agency, who else issues its receipts. `series_must_be_planned`: none begins
        by itself."""
        super().__init__(database)
        self._issuers = issuers
        self._must_be_planned = series_must_be_planned
        self._clock = clock
        self._ids = ids

    def bind(self, connection: AsyncConnection) -> None:
        self.collecting_bodies = SqlCollectingBodies(connection)
        self.rules = SqlReceiptRules(connection)
        self.series = SqlSeriesBook(connection, must_be_planned=self._must_be_planned)
        self.register = SqlSeriesRegister(connection)
        self.registrations = SqlRegistrations(connection)
        self.delegations = SqlDelegations(connection)
        self.fees = SqlPaidFees(connection)
        self.receipts = SqlReceipts(connection)
        self.refund_notes = SqlRefundNotes(connection)
        self.documents = SqlDocuments(connection)
        self.outside = SqlOutsideIssues(connection, self._issuers)
        self.outside_findings = SqlOutsideFindings(connection)
        self.amendments = SqlAmendments(connection)
        self.inbox = SqlInbox(connection, INBOX, clock=self._clock)
        self.outbox = SqlOutbox(connection, OUTBOX, source=SOURCE, clock=self._clock, ids=self._ids)
