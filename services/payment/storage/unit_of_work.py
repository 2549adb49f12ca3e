from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, ReadingScope, TransactionScope
from chassis.ids import Ids
from chassis.inbox import SqlInbox
from chassis.outbox import SqlOutbox
from chassis.ports import Inbox, Outbox
from services.payment.ports.batches import BillBatches
from services.payment.ports.bills import Agencies, Bills
from services.payment.ports.counter import CashDrawers, CounterPayments
from services.payment.ports.discrepancies import Discrepancies
from services.payment.ports.intents import Pauses, PaymentAttempts, PaymentIntents
from services.payment.ports.ledger import Ledger
from services.payment.ports.methods import PublishedMethods
from services.payment.ports.notices import ProviderNotifications
from services.payment.ports.receipting import ReceiptWatch
from services.payment.ports.refunds import Refunds
from services.payment.ports.settlements import (
    Remittances,
    SettlementDays,
    SettlementDifferences,
    SettlementFiles,
    SettlementMatching,
    SettlementRows,
)
from services.payment.storage.bills.agencies import SqlAgencies
from services.payment.storage.bills.batches import SqlBillBatches
from services.payment.storage.bills.bills import SqlBills
from services.payment.storage.counter.cash_drawers import SqlCashDrawers
from services.payment.storage.counter.counter_payments import SqlCounterPayments
from services.payment.storage.discrepancies.discrepancies import SqlDiscrepancies
from services.payment.storage.intents.pauses import SqlPauses
from services.payment.storage.intents.payment_attempts import SqlPaymentAttempts
from services.payment.storage.intents.payment_intents import SqlPaymentIntents
from services.payment.storage.ledger.ledger import SqlLedger
from services.payment.storage.methods.published_methods import SqlPublishedMethods
from services.payment.storage.notices.provider_notifications import SqlProviderNotifications
from services.payment.storage.receipting.receipt_watch import SqlReceiptWatch
from services.payment.storage.refunds.refunds import SqlRefunds
from services.payment.storage.settlements.days import SqlSettlementDays
from services.payment.storage.settlements.differences import SqlSettlementDifferences
from services.payment.storage.settlements.files import SqlSettlementFiles
from services.payment.storage.settlements.matching import SqlSettlementMatching
from services.payment.storage.settlements.remittances import SqlRemittances
from services.payment.storage.settlements.rows import SqlSettlementRows
from services.payment.storage.tables import INBOX, OUTBOX

SOURCE = "payment"


class SqlUnitOfWork(TransactionScope):
    intents: PaymentIntents
    attempts: PaymentAttempts
    notifications: ProviderNotifications
    agencies: Agencies
    bills: Bills
    batches: BillBatches
    discrepancies: Discrepancies
    ledger: Ledger
    refunds: Refunds
    receipts: ReceiptWatch
    pauses: Pauses
    methods: PublishedMethods
    drawers: CashDrawers
    counter_payments: CounterPayments
    settlement_files: SettlementFiles
    settlement_matching: SettlementMatching
    settlement_differences: SettlementDifferences
    settlement_rows: SettlementRows
    settlement_days: SettlementDays
    remittances: Remittances
    outbox: Outbox
    inbox: Inbox

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        super().__init__(database)
        self._clock = clock
        self._ids = ids

    def bind(self, connection: AsyncConnection) -> None:
        self.intents = SqlPaymentIntents(connection)
        self.attempts = SqlPaymentAttempts(connection)
        self.notifications = SqlProviderNotifications(connection)
        self.agencies = SqlAgencies(connection)
        self.bills = SqlBills(connection)
        self.batches = SqlBillBatches(connection)
        self.discrepancies = SqlDiscrepancies(connection)
        self.ledger = SqlLedger(connection)
        self.refunds = SqlRefunds(connection)
        self.receipts = SqlReceiptWatch(connection)
        self.pauses = SqlPauses(connection)
        self.methods = SqlPublishedMethods(connection)
        self.drawers = SqlCashDrawers(connection)
        self.counter_payments = SqlCounterPayments(connection)
        self.settlement_files = SqlSettlementFiles(connection)
        self.settlement_matching = SqlSettlementMatching(connection)
        self.settlement_differences = SqlSettlementDifferences(connection)
        self.settlement_rows = SqlSettlementRows(connection)
        self.settlement_days = SqlSettlementDays(connection)
        self.remittances = SqlRemittances(connection)
        self.outbox = SqlOutbox(connection, OUTBOX, source=SOURCE, clock=self._clock, ids=self._ids)
        self.inbox = SqlInbox(connection, INBOX, clock=self._clock)


class SqlReading(ReadingScope):
    """The repositories on a connection that does not write."""

    intents: PaymentIntents
    batches: BillBatches
    discrepancies: Discrepancies
    ledger: Ledger
    settlement_files: SettlementFiles
    settlement_differences: SettlementDifferences
    settlement_rows: SettlementRows
    settlement_days: SettlementDays
    remittances: Remittances
    methods: PublishedMethods
    refunds: Refunds
    receipts: ReceiptWatch
    drawers: CashDrawers
    counter_payments: CounterPayments

    def bind(self, connection: AsyncConnection) -> None:
        self.intents = SqlPaymentIntents(connection)
        self.batches = SqlBillBatches(connection)
        self.discrepancies = SqlDiscrepancies(connection)
        self.ledger = SqlLedger(connection)
        self.settlement_files = SqlSettlementFiles(connection)
        self.settlement_differences = SqlSettlementDifferences(connection)
        self.settlement_rows = SqlSettlementRows(connection)
        self.settlement_days = SqlSettlementDays(connection)
        self.remittances = SqlRemittances(connection)
        self.methods = SqlPublishedMethods(connection)
        self.refunds = SqlRefunds(connection)
        self.receipts = SqlReceiptWatch(connection)
        self.drawers = SqlCashDrawers(connection)
        self.counter_payments = SqlCounterPayments(connection)
