from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.receipt.storage.metadata import METADATA

# Written once, as the summaries below: triggers refuse every change.
NUMBER_BOOK = Table(
    "number_book",
    METADATA,
    Column("agency_code", String(32), primary_key=True),
    Column("form_code", String(20), primary_key=True),
    Column("symbol", String(25), primary_key=True),
    Column("day_on", Date, primary_key=True),
    Column("first_number", Big, nullable=False),
    Column("last_number", Big, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("previous_sha256", String(64)),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("drawn_up_at", Utc, nullable=False),
    # No two books of a series begin at one number, so its chain never forks.
    UniqueConstraint(
        "agency_code", "form_code", "symbol", "first_number", name="number_book_first_key"
    ),
    ForeignKeyConstraint(
        ["agency_code", "form_code", "symbol"],
        ["receipt_series.agency_code", "receipt_series.form_code", "receipt_series.symbol"],
        name="number_book_series_fkey",
    ),
    CheckConstraint("first_number BETWEEN 1 AND last_number", name="numbers"),
    CheckConstraint("(first_number = 1) = (previous_sha256 IS NULL)", name="previous"),
)

RECEIPT_SUMMARY = Table(
    "receipt_summary",
    METADATA,
    Column("agency_code", String(32), primary_key=True),
    Column("day_on", Date, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("documents", Integer, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("drawn_up_at", Utc, nullable=False),
    Column("drawn_up_by", String(100), nullable=False),
    CheckConstraint("version >= 1", name="version"),
)

RECEIPT_DOWNLOAD = Table(
    "receipt_download",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("asked_by", String(100), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("pdf", Boolean, nullable=False),
    Column("receipts", Document, nullable=False),
    Column("state", String(8), nullable=False),
    Column("done", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    # Null once it is ready or given up.
    Column("due_at", Utc),
    UniqueConstraint("asked_by", "idempotency_key", name="receipt_download_key_key"),
    Index(
        "receipt_download_due_at_idx",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
)
