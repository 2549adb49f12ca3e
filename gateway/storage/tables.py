"""Every table of the gateway: METADATA is whole once this is imported."""

from typing import Final

from chassis.inbox import inbox_table
from chassis.outbox import outbox_table
from gateway.storage.audit import tables as audit_tables
from gateway.storage.confirming import tables as confirming_tables
from gateway.storage.evidence import tables as evidence_tables
from gateway.storage.machines import tables as machine_tables
from gateway.storage.maintenance import tables as maintenance_tables
from gateway.storage.metadata import METADATA
from gateway.storage.people import grant_tables
from gateway.storage.people import tables as people_tables

__all__ = ["INBOX", "METADATA", "OUTBOX"]

OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)
TOPICS: Final = (
    audit_tables,
    confirming_tables,
    evidence_tables,
    grant_tables,
    machine_tables,
    maintenance_tables,
    people_tables,
)
