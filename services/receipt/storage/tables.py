"""Every table of the receipt service: METADATA is whole once this is imported."""

from typing import Final

from chassis.inbox import inbox_table
from chassis.outbox import outbox_table
from services.receipt.storage.amendments import tables as amendment_tables
from services.receipt.storage.keeping import tables as keeping_tables
from services.receipt.storage.metadata import METADATA
from services.receipt.storage.outside import tables as outside_tables
from services.receipt.storage.receipts import tables as receipt_tables
from services.receipt.storage.reports import tables as report_tables
from services.receipt.storage.series import tables as series_tables

__all__ = ["INBOX", "METADATA", "OUTBOX"]

OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)
TOPICS: Final = (
    receipt_tables,
    series_tables,
    outside_tables,
    report_tables,
    amendment_tables,
    keeping_tables,
)
