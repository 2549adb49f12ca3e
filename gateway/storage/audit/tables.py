from typing import Final

from sqlalchemy import Column, LargeBinary, Table, Uuid

from chassis.db import Utc
from gateway.storage.metadata import METADATA

# Written inside business transactions, so nothing here is hot: one worker gives leaves their place.
AUDIT_PENDING: Final = Table(
    "audit_pending",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("recorded_at", Utc, nullable=False),
)
