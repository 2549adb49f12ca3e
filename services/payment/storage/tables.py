"""Every table of the payment service: METADATA is whole once this is imported."""

from typing import Final

from chassis.inbox import inbox_table
from chassis.outbox import outbox_table
from services.payment.storage.bills import tables as bill_tables
from services.payment.storage.counter import tables as counter_tables
from services.payment.storage.discrepancies import tables as discrepancy_tables
from services.payment.storage.intents import tables as intent_tables
from services.payment.storage.ledger import tables as ledger_tables
from services.payment.storage.metadata import METADATA
from services.payment.storage.methods import tables as method_tables
from services.payment.storage.notices import tables as notice_tables
from services.payment.storage.receipting import tables as receipting_tables
from services.payment.storage.refunds import tables as refund_tables
from services.payment.storage.settlements import tables as settlement_tables

__all__ = ["INBOX", "METADATA", "OUTBOX"]

OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)
TOPICS: Final = (
    bill_tables,
    counter_tables,
    discrepancy_tables,
    intent_tables,
    ledger_tables,
    method_tables,
    notice_tables,
    receipting_tables,
    refund_tables,
    settlement_tables,
)
