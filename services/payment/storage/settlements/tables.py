from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Utc
from services.payment.storage.metadata import METADATA

WAITING_ROW: Final = "state IN ('new', 'unmatched')"
# Money that moved is matched to one thing of ours; a failed try may name any bill.
MATCHED_MONEY: Final = "state = 'matched' AND status = 'succeeded'"
# Money whose place in the ledger is not, or may not stay, what this row says of it.
UNPOSTED_ROW: Final = (
    "status = 'succeeded'"
    " AND (posted_as IS NULL OR posted_as <> 'cleared' OR state <> 'matched')"
    " AND (state <> 'superseded' OR posted_as IS NOT NULL)"
)
OPEN_DIFFERENCE: Final = "state = 'open'"

SETTLEMENT_FILE: Final = Table(
    "settlement_file",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("provider", String(50), nullable=False),
    Column("format", String(20), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size_bytes", Big, nullable=False),
    Column("signed_by", String(64)),
    Column("state", String(10), nullable=False),
    Column("lines_read", Integer, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("bad_lines", Integer, nullable=False),
    Column("refusal", Text),
    Column("period_first", Date),
    Column("period_last", Date),
    Column("loaded_by", String(100), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("loaded_at", Utc),
    # Every row of it has been compared with our books at least once.
    Column("matched_at", Utc),
    UniqueConstraint("provider", "sha256"),
    CheckConstraint("state IN ('loading', 'loaded', 'refused')", name="state"),
    Index("settlement_file_provider_id_idx", "provider", "id"),
)

SETTLEMENT_ROW: Final = Table(
    "settlement_row",
    METADATA,
    Column("file_id", Uuid, ForeignKey("settlement_file.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("provider", String(50), nullable=False),
    Column("movement", String(10), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("order_reference", String(100)),
    Column("bill_reference", String(12)),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("fee_minor_units", Big),
    Column("status", String(10), nullable=False),
    Column("moved_at", Utc, nullable=False),
    Column("moved_on", Date, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("matched_kind", String(10)),
    Column("matched_id", Uuid),
    Column("matched_by", String(10)),
    # Where the ledger has what this row says was paid out; null: not yet in the ledger.
    Column("posted_as", String(10)),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint(
        "state IN ('new', 'matched', 'unmatched', 'duplicate', 'superseded')", name="state"
    ),
    CheckConstraint("(state = 'matched') = (matched_id IS NOT NULL)", name="matched"),
    Index("settlement_row_reference_idx", "provider", "movement", "provider_reference"),
    Index("settlement_row_moved_on_idx", "provider", "moved_on"),
    Index("settlement_row_matched_id_idx", "matched_id", "matched_kind"),
    Index(
        "settlement_row_matched_key",
        "matched_kind",
        "matched_id",
        unique=True,
        postgresql_where=text(MATCHED_MONEY),
        sqlite_where=text(MATCHED_MONEY),
    ),
    Index(
        "settlement_row_unposted_idx",
        "provider",
        "moved_on",
        postgresql_where=text(UNPOSTED_ROW),
        sqlite_where=text(UNPOSTED_ROW),
    ),
    Index(
        "settlement_row_waiting_idx",
        "provider",
        postgresql_where=text(WAITING_ROW),
        sqlite_where=text(WAITING_ROW),
    ),
)

SETTLEMENT_BAD_LINE: Final = Table(
    "settlement_bad_line",
    METADATA,
    Column("file_id", Uuid, ForeignKey("settlement_file.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("reason", String(20), nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

# One row a provider: whoever reconciles or closes holds it, so that they take turns.
SETTLEMENT_DESK: Final = Table(
    "settlement_desk",
    METADATA,
    Column("provider", String(50), primary_key=True),
    Column("runs", Integer, nullable=False),
)

SETTLEMENT_DIFFERENCE: Final = Table(
    "settlement_difference",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("provider", String(50), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("found_on", Date, nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("file_id", Uuid, ForeignKey("settlement_file.id")),
    Column("line", Integer),
    Column("ours_kind", String(10)),
    Column("ours_id", Uuid),
    Column("agency_code", String(50)),
    Column("theirs_amount", Big),
    Column("theirs_currency", String(3)),
    Column("theirs_status", String(10)),
    Column("theirs_fee", Big),
    Column("ours_amount", Big),
    Column("ours_currency", String(3)),
    Column("ours_status", String(10)),
    Column("ours_fee", Big),
    Column("owner_role", String(20), nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    CheckConstraint("state IN ('open', 'explained', 'signed_off')", name="state"),
    CheckConstraint("(file_id IS NULL) = (line IS NULL)", name="row"),
    CheckConstraint("file_id IS NOT NULL OR ours_id IS NOT NULL", name="subject"),
    Index("settlement_difference_row_key", "file_id", "line", "kind", unique=True),
    Index(
        "settlement_difference_ours_key",
        "ours_kind",
        "ours_id",
        "kind",
        unique=True,
        postgresql_where=text("file_id IS NULL"),
        sqlite_where=text("file_id IS NULL"),
    ),
    Index("settlement_difference_provider_id_idx", "provider", "id"),
    Index(
        "settlement_difference_open_idx",
        "provider",
        "found_on",
        postgresql_where=text(OPEN_DIFFERENCE),
        sqlite_where=text(OPEN_DIFFERENCE),
    ),
)

SETTLEMENT_DIFFERENCE_STEP: Final = Table(
    "settlement_difference_step",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column(
        "difference_id", Uuid, ForeignKey("settlement_difference.id"), nullable=False, index=True
    ),
    Column("step", String(10), nullable=False),
    Column("by", String(100)),
    Column("reason", Text),
    Column("at", Utc, nullable=False),
    Column("theirs_amount", Big),
    Column("theirs_status", String(10)),
    Column("ours_amount", Big),
    Column("ours_status", String(10)),
)

SETTLEMENT_DAY: Final = Table(
    "settlement_day",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("provider", String(50), nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("begins_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payments", Integer, nullable=False),
    Column("payments_minor_units", Big, nullable=False),
    Column("refunds", Integer, nullable=False),
    Column("refunds_minor_units", Big, nullable=False),
    Column("fees_minor_units", Big, nullable=False),
    Column("differences_signed_off", Integer, nullable=False),
    Column("closed_by", String(100), nullable=False),
    Column("closed_at", Utc, nullable=False),
    UniqueConstraint("provider", "closed_on"),
)

REMITTANCE: Final = Table(
    "remittance",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_code", String(50), nullable=False),
    Column("fee_kind", String(10), nullable=False),
    # Counted for each agency and kind, so that of two drawn up at once one fails.
    Column("number", Integer, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(10), nullable=False),
    Column("drafted_by", String(100), nullable=False),
    Column("drafted_at", Utc, nullable=False),
    Column("approved_by", String(100)),
    Column("approved_at", Utc),
    Column("sent_by", String(100)),
    Column("sent_at", Utc),
    Column("paid_from_bank_bin", String(8)),
    Column("paid_from_account", String(30)),
    Column("confirmed_by", String(100)),
    Column("confirmed_at", Utc),
    Column("treasury_reference", String(100)),
    Column("cancelled_by", String(100)),
    Column("cancelled_at", Utc),
    Column("cancel_reason", Text),
    UniqueConstraint("agency_code", "fee_kind", "number"),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint(
        "status IN ('drafted', 'approved', 'sent', 'confirmed', 'cancelled')", name="status"
    ),
    CheckConstraint("approved_by <> drafted_by", name="two_persons"),
    CheckConstraint(
        "status NOT IN ('approved', 'sent', 'confirmed') OR approved_by IS NOT NULL",
        name="approved",
    ),
    Index("remittance_agency_code_id_idx", "agency_code", "id"),
)
