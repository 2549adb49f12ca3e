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
    Uuid,
    false,
    text,
)

from chassis.db import Big, Document, Utc
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
    Column("symbol_alphabet", String(26), nullable=False),
    Column("symbol_format", String(32), nullable=False),
    Column("form_pattern", String(64), nullable=False),
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
    # Null: an outside issuer's, from which nothing is drawn here.
    Column("year", Integer),
    Column("letters", String(2)),
    # Zero: each receipt says its own amount.
    Column("face_value", Big, nullable=False, server_default=text("0")),
    Column("state", String(7), nullable=False, server_default="open"),
    Column("planned_at", Utc),
    Column("planned_by", String(100)),
    Column("opened_at", Utc),
    Column("opened_by", String(100)),
    Column("closed_at", Utc),
    Column("closed_by", String(100)),
    Column("closing", String(8)),
    Column("reason", Text),
    CheckConstraint("last_number >= 0", name="last_number"),
    CheckConstraint(
        "(state = 'closed' AND closed_at IS NOT NULL AND closing IS NOT NULL)"
        " OR (state IN ('planned', 'open') AND closed_at IS NULL AND closing IS NULL)",
        name="state",
    ),
    CheckConstraint("state <> 'planned' OR last_number = 0", name="planned"),
    # Two open ones would leave it to chance which of them a receipt belongs to.
    Index(
        "receipt_series_open_key",
        "agency_code",
        "year",
        "face_value",
        unique=True,
        postgresql_where=text("state = 'open' AND year IS NOT NULL"),
        sqlite_where=text("state = 'open' AND year IS NOT NULL"),
    ),
    Index("receipt_series_year_idx", "year", "agency_code"),
    Index(
        "receipt_series_signing_waits_idx",
        "agency_code",
        postgresql_where=text("signing_waits"),
        sqlite_where=text("signing_waits"),
    ),
)

# What was told to the tax office about an agency's use of receipts, and what it answered.
SERIES_REGISTRATION = Table(
    "series_registration",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_code", String(32), nullable=False),
    Column("state", String(9), nullable=False),
    Column("content", Document, nullable=False),
    Column("drafted_at", Utc, nullable=False),
    Column("drafted_by", String(100), nullable=False),
    Column("submitted_on", Date),
    Column("answered_on", Date),
    Column("answer", Text),
    CheckConstraint(
        "(state IN ('accepted', 'refused')) = (answered_on IS NOT NULL)", name="answered"
    ),
    CheckConstraint("(state = 'draft') = (submitted_on IS NULL)", name="submitted"),
    Index("series_registration_agency_code_idx", "agency_code"),
)

# Who issues an agency's receipts in its name, on which days.
ISSUE_DELEGATION = Table(
    "issue_delegation",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_code", String(32), nullable=False),
    Column("delegate", Document, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("notified_on", Date, nullable=False),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_to_on", Date, nullable=False),
    # The last day is the day before.
    Column("ended_on", Date),
    Column("ended_by", String(100)),
    Column("added_at", Utc, nullable=False),
    Column("added_by", String(100), nullable=False),
    CheckConstraint("valid_from_on <= valid_to_on", name="days"),
    Index("issue_delegation_agency_code_idx", "agency_code", "valid_from_on"),
)
