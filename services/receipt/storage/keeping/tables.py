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

from chassis.db import Big, Utc
from services.receipt.storage.metadata import METADATA

_WAITING: Final = text("kept_at IS NULL")
_THERE: Final = text("kept_at IS NOT NULL AND removing_at IS NULL")
_NOT_REMOVED: Final = text("keep_until_on IS NOT NULL AND removed_at IS NULL")
_OPEN: Final = text("repaired_at IS NULL AND closed_at IS NULL")
_HOLDS: Final = text("released_at IS NULL")

# One for each row of receipt_document; a trigger there makes it, so that none can be forgotten.
KEPT_DOCUMENT = Table(
    "kept_document",
    METADATA,
    Column("receipt_id", ForeignKey("receipt.id"), primary_key=True),
    Column("form", String(3), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", Big, nullable=False),
    # When somebody should next copy or compare it; null: at once.
    Column("due_at", Utc),
    # Null as long as no copy is in the vault, and so are the four below it.
    Column("kept_at", Utc),
    Column("agency_code", String(32)),
    Column("dated_on", Date),
    # The last day on which it must be there; null for ever, where no rule says how long.
    Column("keep_until_on", Date),
    Column("last_checked_at", Utc),
    # Decided, then done: only the copy in the vault is ever removed.
    Column("removing_at", Utc),
    Column("removed_at", Utc),
    CheckConstraint("(kept_at IS NULL) = (dated_on IS NULL)", name="dated"),
    CheckConstraint("removed_at IS NULL OR removing_at IS NOT NULL", name="removed"),
    CheckConstraint("removing_at IS NULL OR keep_until_on IS NOT NULL", name="removing"),
    Index("kept_document_sha256_idx", "sha256"),
    Index(
        "kept_document_waiting_idx",
        "receipt_id",
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    ),
    Index("kept_document_due_at_idx", "due_at", postgresql_where=_THERE, sqlite_where=_THERE),
    Index(
        "kept_document_keep_until_on_idx",
        "keep_until_on",
        "receipt_id",
        postgresql_where=_NOT_REMOVED,
        sqlite_where=_NOT_REMOVED,
    ),
)

KEEPING_FINDING = Table(
    "keeping_finding",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("reason", String(24), nullable=False),
    # What the bytes should be, or for what nobody knows, what it is called.
    Column("sha256", String(64), nullable=False),
    Column("receipt_id", ForeignKey("receipt.id")),
    Column("form", String(3)),
    Column("agency_code", String(32)),
    Column("detail", Text, nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("repaired_at", Utc),
    Column("closed_at", Utc),
    Column("closed_by", String(100)),
    Column("note", Text),
    CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    Index(
        "keeping_finding_open_key",
        "sha256",
        "reason",
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
)

LEGAL_HOLD = Table(
    "legal_hold",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_code", String(32), nullable=False),
    # One receipt, or all that are dated from one day to another, or to no end.
    Column("receipt_id", ForeignKey("receipt.id")),
    Column("from_on", Date),
    Column("to_on", Date),
    Column("reason", Text, nullable=False),
    Column("placed_by", String(100), nullable=False),
    Column("placed_at", Utc, nullable=False),
    Column("released_by", String(100)),
    Column("released_at", Utc),
    Column("release_note", Text),
    CheckConstraint("(receipt_id IS NULL) = (from_on IS NOT NULL)", name="subject"),
    CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days"),
    CheckConstraint("released_by IS NULL OR released_by <> placed_by", name="four_eyes"),
    CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
    Index(
        "legal_hold_agency_code_idx",
        "agency_code",
        postgresql_where=_HOLDS,
        sqlite_where=_HOLDS,
    ),
)

# What the law may change. Its rows are also the gate that holds and removals pass one by one.
RETENTION_RULE = Table(
    "retention_rule",
    METADATA,
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("years", Integer, nullable=False),
    Column("legal_basis", Text, nullable=False),
    CheckConstraint("years >= 1", name="years"),
)

# Each two letters that an address may begin with, and when they are to be looked through.
VAULT_SHELF = Table(
    "vault_shelf",
    METADATA,
    Column("prefix", String(2), primary_key=True),
    Column("due_at", Utc),
    Column("looked_at", Utc),
)
