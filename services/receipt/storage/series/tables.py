from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from chassis.db import Big, Utc
from services.receipt.storage.metadata import METADATA

# Our copy of who collects; the catalogue owns it.
COLLECTING_BODY = Table(
    "collecting_body",
    METADATA,
    Column("agency_code", String(32), primary_key=True),
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("tax_code", String(14), nullable=False),
    Column("phone", String(32)),
    Column("published_at", Utc, nullable=False),
)

# What the law may change, each row from its day on.
RECEIPT_RULE = Table(
    "receipt_rule",
    METADATA,
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("title", Text, nullable=False),
    Column("form_code", String(10), nullable=False),
    Column("symbol_letters", String(2), nullable=False),
    Column("number_width", Integer, nullable=False),
    Column("legal_basis", Text, nullable=False),
    CheckConstraint("number_width BETWEEN 1 AND 8", name="number_width"),
)

# The row that is locked while numbers are drawn.
RECEIPT_SERIES = Table(
    "receipt_series",
    METADATA,
    Column("agency_code", String(32), primary_key=True),
    Column("form_code", String(20), primary_key=True),
    Column("symbol", String(25), primary_key=True),
    Column("last_number", Big, nullable=False),
    Column("last_numbered_at", Utc, nullable=False),
    # Its receipts are left to the pass that signs in order, and who is at it until when.
    Column("signing_waits", Boolean, nullable=False, server_default=false()),
    Column("signing_leased_until", Utc),
    CheckConstraint("last_number >= 0", name="last_number"),
    Index(
        "receipt_series_signing_waits_idx",
        "agency_code",
        postgresql_where=text("signing_waits"),
        sqlite_where=text("signing_waits"),
    ),
)
