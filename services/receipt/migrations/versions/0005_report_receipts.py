"""Number books and daily summaries, each written once; bulk downloads; receipts found by day."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0005"
down_revision = "0004"

FINAL = ("number_book", "receipt_summary")


def upgrade() -> None:
    op.create_index(
        "receipt_agency_code_numbered_at_idx", "receipt", ["agency_code", "numbered_at"]
    )
    _create_number_book()
    _create_receipt_summary()
    _create_receipt_download()
    for table in FINAL:
        _forbid_changes(table)


def downgrade() -> None:
    op.drop_table("receipt_download")
    for table in FINAL:
        op.drop_table(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_is_final()")
    op.drop_index("receipt_agency_code_numbered_at_idx", "receipt")


def _create_number_book() -> None:
    op.create_table(
        "number_book",
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("form_code", sa.String(20), nullable=False),
        sa.Column("symbol", sa.String(25), nullable=False),
        sa.Column("day_on", sa.Date, nullable=False),
        sa.Column("first_number", Big, nullable=False),
        sa.Column("last_number", Big, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("previous_sha256", sa.String(64)),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("drawn_up_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint(
            "agency_code", "form_code", "symbol", "day_on", name="number_book_pkey"
        ),
        sa.UniqueConstraint(
            "agency_code", "form_code", "symbol", "first_number", name="number_book_first_key"
        ),
        sa.ForeignKeyConstraint(
            ["agency_code", "form_code", "symbol"],
            ["receipt_series.agency_code", "receipt_series.form_code", "receipt_series.symbol"],
            name="number_book_series_fkey",
        ),
        sa.CheckConstraint(
            "first_number BETWEEN 1 AND last_number", name=op.f("number_book_numbers_check")
        ),
        sa.CheckConstraint(
            "(first_number = 1) = (previous_sha256 IS NULL)",
            name=op.f("number_book_previous_check"),
        ),
    )


def _create_receipt_summary() -> None:
    op.create_table(
        "receipt_summary",
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("day_on", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("documents", sa.Integer, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("drawn_up_at", Utc, nullable=False),
        sa.Column("drawn_up_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "day_on", "version", name="receipt_summary_pkey"),
        sa.CheckConstraint("version >= 1", name=op.f("receipt_summary_version_check")),
    )


def _create_receipt_download() -> None:
    op.create_table(
        "receipt_download",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("pdf", sa.Boolean, nullable=False),
        sa.Column("receipts", Document, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", Utc),
        sa.PrimaryKeyConstraint("id", name="receipt_download_pkey"),
        sa.UniqueConstraint("asked_by", "idempotency_key", name="receipt_download_key_key"),
    )
    op.create_index(
        "receipt_download_due_at_idx",
        "receipt_download",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_is_final() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{table} never changes'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_is_final()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_is_final_{change.lower()} BEFORE {change} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} never changes'); END"
        )
