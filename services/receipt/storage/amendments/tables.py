from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from chassis.db import Document, Utc
from services.receipt.storage.metadata import METADATA

_UNDONE: Final = text("status IN ('waiting', 'ordered')")

AMENDMENT = Table(
    "amendment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("receipt_id", ForeignKey("receipt.id"), nullable=False),
    Column("agency_code", String(32), nullable=False),
    Column("type", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", String(16)),
    Column("status", String(8), nullable=False),
    Column("asked_by", String(100), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("decided_by", String(100)),
    Column("decided_at", Utc),
    Column("note", Text),
    Column("content", Document, nullable=False),
    Column("payer_sealed", Text),
    # The receipt that was made of it; null for a cancellation and for what is not decided.
    Column("result_id", ForeignKey("receipt.id"), unique=True),
    Column("notice_number", Integer),
    Column("noticed_on", Date),
    CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="status"),
    Index("amendment_receipt_id_idx", "receipt_id"),
    CheckConstraint("(notice_number IS NULL) = (noticed_on IS NULL)", name="noticed"),
    CheckConstraint("(status = 'approved') = (notice_number IS NOT NULL)", name="notice"),
    Index("amendment_agency_code_idx", "agency_code"),
    # Nobody asks for a second correction while one waits to be decided, or for its issuer.
    Index(
        "amendment_undone_key",
        "receipt_id",
        unique=True,
        postgresql_where=_UNDONE,
        sqlite_where=_UNDONE,
    ),
)

# The numbers of an agency's notices to the tax office, one row a year.
NOTICE_SERIES = Table(
    "notice_series",
    METADATA,
    Column("agency_code", String(32), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
)
