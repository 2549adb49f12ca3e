from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.receipt.storage.metadata import METADATA

# A receipt that an outside issuer numbers and signs, from the payment's own transaction on.
OUTSIDE_ISSUE = Table(
    "outside_issue",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("issuer", String(32), nullable=False),
    # What the issuer knows it by; asking twice under one key makes one receipt.
    Column("key", String(36), nullable=False, unique=True),
    Column("wanted", String(16), nullable=False),
    Column("payment_intent_id", ForeignKey("paid_fee.payment_intent_id"), nullable=False),
    Column("agency_code", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    # Of a correction; null: the fee's own.
    Column("lines", Document),
    Column("payer_sealed", Text),
    Column("corrects_id", ForeignKey("receipt.id")),
    Column("amendment_id", Uuid, unique=True),
    Column("reason", Text),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Utc),
    Column("check_due_at", Utc),
    Column("asked_at", Utc),
    Column("refusal", String(64)),
    # How the issuer calls it, once told.
    Column("form_code", String(20)),
    Column("symbol", String(25)),
    Column("number", Big),
    Column("width", Integer),
    Column("told_at", Utc),
    Column("their_code", String(64)),
    # Of a correction: the issuer's XML, until the receipt that it is has been made of it.
    Column("receipt_id", ForeignKey("receipt.id")),
    Column("ordered_at", Utc, nullable=False),
    CheckConstraint("part BETWEEN 1 AND parts", name="part"),
    CheckConstraint("tries >= 0", name="tries"),
    CheckConstraint(
        "(state IN ('waiting', 'asked', 'unknown')) = (due_at IS NOT NULL)", name="due"
    ),
    Index(
        "outside_issue_original_key",
        "payment_intent_id",
        "agency_code",
        "kind",
        unique=True,
        postgresql_where=text("wanted = 'original'"),
        sqlite_where=text("wanted = 'original'"),
    ),
    # An issued number is one receipt's. What is in dispute may claim another's.
    Index(
        "outside_issue_told_key",
        "issuer",
        "form_code",
        "symbol",
        "number",
        unique=True,
        postgresql_where=text("state = 'issued' AND number IS NOT NULL"),
        sqlite_where=text("state = 'issued' AND number IS NOT NULL"),
    ),
    Index(
        "outside_issue_due_idx",
        "issuer",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "outside_issue_check_due_idx",
        "issuer",
        "check_due_at",
        postgresql_where=text("check_due_at IS NOT NULL"),
        sqlite_where=text("check_due_at IS NOT NULL"),
    ),
    Index("outside_issue_receipt_id_idx", "receipt_id"),
    Index("outside_issue_corrects_id_idx", "corrects_id"),
    Index(
        "outside_issue_undone_idx",
        "issuer",
        "state",
        "ordered_at",
        postgresql_where=text("state <> 'issued'"),
        sqlite_where=text("state <> 'issued'"),
    ),
)

OUTSIDE_FINDING = Table(
    "outside_finding",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("issuer", String(32), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Column("agency_code", String(32)),
    Column("issue_id", ForeignKey("outside_issue.id")),
    Column("found_at", Utc, nullable=False),
    Column("closed_at", Utc),
    Column("closed_by", String(100)),
    Column("note", Text),
    Index(
        "outside_finding_open_key",
        "issuer",
        "reason",
        "subject",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
        sqlite_where=text("closed_at IS NULL"),
    ),
    Index("outside_finding_issue_id_idx", "issue_id"),
)
