"""Settlement files and what reconciling them found."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Utc

revision = "0007"
down_revision = "0006"

UNPOSTED_ROW = (
    "status = 'succeeded'"
    " AND (posted_as IS NULL OR posted_as <> 'cleared' OR state <> 'matched')"
    " AND (state <> 'superseded' OR posted_as IS NOT NULL)"
)


def upgrade() -> None:
    _create_files()
    _create_rows()
    _create_indexes_of_rows()
    _create_indexes_on_ours()
    _create_differences()
    _create_steps()
    _create_days()


def downgrade() -> None:
    op.drop_index("refund_provider_reference_idx", table_name="refund")
    op.drop_index("payment_intent_provider_reference_idx", table_name="payment_intent")
    op.drop_index("payment_intent_paid_at_idx", table_name="payment_intent")
    op.drop_index("discrepancy_provider_reference_idx", table_name="discrepancy")
    op.drop_table("settlement_difference_step")
    op.drop_table("settlement_row")
    op.drop_table("settlement_difference")
    op.drop_table("settlement_bad_line")
    op.drop_table("settlement_file")
    op.drop_table("settlement_desk")
    op.drop_table("settlement_day")
    op.drop_table("remittance")


def _create_files() -> None:
    op.create_table(
        "settlement_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", Big, nullable=False),
        sa.Column("signed_by", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lines_read", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("bad_lines", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("period_first", sa.Date(), nullable=True),
        sa.Column("period_last", sa.Date(), nullable=True),
        sa.Column("loaded_by", sa.String(length=100), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("loaded_at", Utc(), nullable=True),
        sa.Column("matched_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('loading', 'loaded', 'refused')", name="settlement_file_state_check"
        ),
        sa.PrimaryKeyConstraint("id", name="settlement_file_pkey"),
        sa.UniqueConstraint("provider", "sha256", name="settlement_file_provider_sha256_key"),
    )
    op.create_index(
        "settlement_file_provider_id_idx", "settlement_file", ["provider", "id"], unique=False
    )
    op.create_table(
        "settlement_bad_line",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["settlement_file.id"], name="settlement_bad_line_file_id_fkey"
        ),
        sa.PrimaryKeyConstraint("file_id", "line", name="settlement_bad_line_pkey"),
    )


def _create_rows() -> None:
    op.create_table(
        "settlement_row",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("movement", sa.String(length=10), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), nullable=False),
        sa.Column("order_reference", sa.String(length=100), nullable=True),
        sa.Column("bill_reference", sa.String(length=12), nullable=True),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_minor_units", Big, nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("moved_at", Utc(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("matched_kind", sa.String(length=10), nullable=True),
        sa.Column("matched_id", sa.Uuid(), nullable=True),
        sa.Column("matched_by", sa.String(length=10), nullable=True),
        sa.Column("posted_as", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "(state = 'matched') = (matched_id IS NOT NULL)", name="settlement_row_matched_check"
        ),
        sa.CheckConstraint(
            "state IN ('new', 'matched', 'unmatched', 'duplicate', 'superseded')",
            name="settlement_row_state_check",
        ),
        sa.CheckConstraint("amount_minor_units > 0", name="settlement_row_amount_check"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["settlement_file.id"], name="settlement_row_file_id_fkey"
        ),
        sa.PrimaryKeyConstraint("file_id", "line", name="settlement_row_pkey"),
    )


def _create_indexes_of_rows() -> None:
    op.create_index(
        "settlement_row_matched_id_idx",
        "settlement_row",
        ["matched_id", "matched_kind"],
        unique=False,
    )
    op.create_index(
        "settlement_row_matched_key",
        "settlement_row",
        ["matched_kind", "matched_id"],
        unique=True,
        postgresql_where=sa.text("state = 'matched' AND status = 'succeeded'"),
        sqlite_where=sa.text("state = 'matched' AND status = 'succeeded'"),
    )
    op.create_index(
        "settlement_row_moved_on_idx", "settlement_row", ["provider", "moved_on"], unique=False
    )
    op.create_index(
        "settlement_row_reference_idx",
        "settlement_row",
        ["provider", "movement", "provider_reference"],
        unique=False,
    )
    op.create_index(
        "settlement_row_unposted_idx",
        "settlement_row",
        ["provider", "moved_on"],
        unique=False,
        postgresql_where=sa.text(UNPOSTED_ROW),
        sqlite_where=sa.text(UNPOSTED_ROW),
    )
    op.create_index(
        "settlement_row_waiting_idx",
        "settlement_row",
        ["provider"],
        unique=False,
        postgresql_where=sa.text("state IN ('new', 'unmatched')"),
        sqlite_where=sa.text("state IN ('new', 'unmatched')"),
    )


def _create_indexes_on_ours() -> None:
    op.create_index(
        "refund_provider_reference_idx", "refund", ["provider_reference", "provider"], unique=False
    )
    op.create_index(
        "discrepancy_provider_reference_idx",
        "discrepancy",
        ["provider_reference", "provider"],
        unique=False,
    )
    op.create_index(
        "payment_intent_paid_at_idx",
        "payment_intent",
        ["provider", "paid_at"],
        unique=False,
        postgresql_where=sa.text("status = 'succeeded'"),
        sqlite_where=sa.text("status = 'succeeded'"),
    )
    op.create_index(
        "payment_intent_provider_reference_idx",
        "payment_intent",
        ["provider_reference", "provider"],
        unique=False,
        postgresql_where=sa.text("status = 'succeeded'"),
        sqlite_where=sa.text("status = 'succeeded'"),
    )


def _create_differences() -> None:
    op.create_table(
        "settlement_difference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("provider_reference", sa.String(length=100), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("ours_kind", sa.String(length=10), nullable=True),
        sa.Column("ours_id", sa.Uuid(), nullable=True),
        sa.Column("agency_code", sa.String(length=50), nullable=True),
        sa.Column("theirs_amount", Big, nullable=True),
        sa.Column("theirs_currency", sa.String(length=3), nullable=True),
        sa.Column("theirs_status", sa.String(length=10), nullable=True),
        sa.Column("theirs_fee", Big, nullable=True),
        sa.Column("ours_amount", Big, nullable=True),
        sa.Column("ours_currency", sa.String(length=3), nullable=True),
        sa.Column("ours_status", sa.String(length=10), nullable=True),
        sa.Column("ours_fee", Big, nullable=True),
        sa.Column("owner_role", sa.String(length=20), nullable=False),
        sa.Column("found_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'explained', 'signed_off')", name="settlement_difference_state_check"
        ),
        sa.CheckConstraint(
            "(file_id IS NULL) = (line IS NULL)", name="settlement_difference_row_check"
        ),
        sa.CheckConstraint(
            "file_id IS NOT NULL OR ours_id IS NOT NULL", name="settlement_difference_subject_check"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["settlement_file.id"], name="settlement_difference_file_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="settlement_difference_pkey"),
    )
    op.create_index(
        "settlement_difference_open_idx",
        "settlement_difference",
        ["provider", "found_on"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "settlement_difference_ours_key",
        "settlement_difference",
        ["ours_kind", "ours_id", "kind"],
        unique=True,
        postgresql_where=sa.text("file_id IS NULL"),
        sqlite_where=sa.text("file_id IS NULL"),
    )
    op.create_index(
        "settlement_difference_provider_id_idx",
        "settlement_difference",
        ["provider", "id"],
        unique=False,
    )
    op.create_index(
        "settlement_difference_row_key",
        "settlement_difference",
        ["file_id", "line", "kind"],
        unique=True,
    )


def _create_steps() -> None:
    op.create_table(
        "settlement_difference_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("difference_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("theirs_amount", Big, nullable=True),
        sa.Column("theirs_status", sa.String(length=10), nullable=True),
        sa.Column("ours_amount", Big, nullable=True),
        sa.Column("ours_status", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["difference_id"],
            ["settlement_difference.id"],
            name="settlement_difference_step_difference_id_fkey",
        ),
        sa.PrimaryKeyConstraint("id", name="settlement_difference_step_pkey"),
    )
    op.create_index(
        "settlement_difference_step_difference_id_idx",
        "settlement_difference_step",
        ["difference_id"],
        unique=False,
    )


def _create_days() -> None:
    op.create_table(
        "remittance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_code", sa.String(length=50), nullable=False),
        sa.Column("fee_kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("drafted_by", sa.String(length=100), nullable=False),
        sa.Column("drafted_at", Utc(), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=True),
        sa.Column("approved_at", Utc(), nullable=True),
        sa.Column("sent_by", sa.String(length=100), nullable=True),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.Column("paid_from_bank_bin", sa.String(length=8), nullable=True),
        sa.Column("paid_from_account", sa.String(length=30), nullable=True),
        sa.Column("confirmed_by", sa.String(length=100), nullable=True),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.Column("treasury_reference", sa.String(length=100), nullable=True),
        sa.Column("cancelled_by", sa.String(length=100), nullable=True),
        sa.Column("cancelled_at", Utc(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('drafted', 'approved', 'sent', 'confirmed', 'cancelled')",
            name="remittance_status_check",
        ),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'sent', 'confirmed') OR approved_by IS NOT NULL",
            name="remittance_approved_check",
        ),
        sa.CheckConstraint("amount_minor_units > 0", name="remittance_amount_check"),
        sa.CheckConstraint("approved_by <> drafted_by", name="remittance_two_persons_check"),
        sa.PrimaryKeyConstraint("id", name="remittance_pkey"),
        sa.UniqueConstraint(
            "agency_code", "fee_kind", "number", name="remittance_agency_code_fee_kind_number_key"
        ),
    )
    op.create_index(
        "remittance_agency_code_id_idx", "remittance", ["agency_code", "id"], unique=False
    )
    op.create_table(
        "settlement_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("begins_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("payments_minor_units", Big, nullable=False),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("refunds_minor_units", Big, nullable=False),
        sa.Column("fees_minor_units", Big, nullable=False),
        sa.Column("differences_signed_off", sa.Integer(), nullable=False),
        sa.Column("closed_by", sa.String(length=100), nullable=False),
        sa.Column("closed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="settlement_day_pkey"),
        sa.UniqueConstraint("provider", "closed_on", name="settlement_day_provider_closed_on_key"),
    )
    op.create_table(
        "settlement_desk",
        sa.Column("provider", sa.String(length=50), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name="settlement_desk_pkey"),
    )
