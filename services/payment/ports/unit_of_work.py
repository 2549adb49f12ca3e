from types import TracebackType
from typing import Protocol, Self

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


class UnitOfWork(Protocol):
    """One transaction: commits on leaving the block, rolls back on an error; may be re-entered."""

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

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Reading(Protocol):
    """Look-ups that write nothing and wait for no writer."""

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

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
