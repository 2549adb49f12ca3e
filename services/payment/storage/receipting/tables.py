from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Uuid, text

from chassis.db import Utc
from services.payment.storage.metadata import METADATA

OPEN: Final = "closed_at IS NULL"

RECEIPT_NOTE: Final = Table(
    "receipt_note",
    METADATA,
    Column("receipt_id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, nullable=False, index=True),
    Column("agency_code", String(50), nullable=False),
    Column("issued_at", Utc, nullable=False),
)

# One row: up to which settlement the receipts were looked for.
RECEIPT_WATCH: Final = Table(
    "receipt_watch",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("watched_until", Utc, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

RECEIPT_GAP: Final = Table(
    "receipt_gap",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, nullable=False),
    Column("agency_code", String(50), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("expected", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("settled_at", Utc),
    Column("found_at", Utc, nullable=False),
    Column("closed_at", Utc),
    CheckConstraint(
        "reason IN ('no_receipt', 'no_settled_fee', 'too_many_receipts')", name="reason"
    ),
    Index(
        "receipt_gap_open_key",
        "payment_intent_id",
        "reason",
        unique=True,
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index("receipt_gap_agency_code_id_idx", "agency_code", "id"),
)
