"""Receipts, the series they are numbered in, their documents, and what they are made of."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_what_receipts_are_made_of()
    _create_receipt()
    _create_receipt_document()
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String(100), nullable=False),
        sa.Column("claimed_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name="inbox_pkey"),
    )
    op.create_index("inbox_claimed_at_idx", "inbox", ["claimed_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("outbox_stored_at_idx", "outbox", ["stored_at"])


def downgrade() -> None:
    for table in (
        "outbox",
        "inbox",
        "receipt_document",
        "receipt",
        "paid_fee",
        "receipt_series",
        "receipt_rule",
        "collecting_body",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION receipt_document_is_final()")


def _create_what_receipts_are_made_of() -> None:
    op.create_table(
        "collecting_body",
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("tax_code", sa.String(14), nullable=False),
        sa.Column("phone", sa.String(32)),
        sa.Column("published_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "valid_from_on", name="collecting_body_pkey"),
    )
    op.create_table(
        "receipt_rule",
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("form_code", sa.String(10), nullable=False),
        sa.Column("symbol_letters", sa.String(2), nullable=False),
        sa.Column("number_width", sa.Integer, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.CheckConstraint(
            "number_width BETWEEN 1 AND 8", name=op.f("receipt_rule_number_width_check")
        ),
        sa.PrimaryKeyConstraint("valid_from_on", name="receipt_rule_pkey"),
    )
    op.create_table(
        "receipt_series",
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("form_code", sa.String(10), nullable=False),
        sa.Column("symbol", sa.String(9), nullable=False),
        sa.Column("last_number", Big, nullable=False),
        sa.Column("last_numbered_at", Utc, nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("receipt_series_last_number_check")),
        sa.PrimaryKeyConstraint("agency_code", "form_code", "symbol", name="receipt_series_pkey"),
    )
    op.create_table(
        "paid_fee",
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.Column("dossier_code", sa.String(64), nullable=False),
        sa.Column("procedure_code", sa.String(32), nullable=False),
        sa.Column("procedure_name", sa.Text, nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("provider_reference", sa.String(128), nullable=False),
        sa.Column("paid_at", Utc, nullable=False),
        sa.Column("lines", Document, nullable=False),
        sa.Column("payer_sealed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("payment_intent_id", name="paid_fee_pkey"),
    )


def _create_receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("form_code", sa.String(10), nullable=False),
        sa.Column("symbol", sa.String(9), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("collecting_body", Document, nullable=False),
        sa.Column("rule", Document, nullable=False),
        sa.Column("lookup_code", sa.String(64), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("numbered_at", Utc, nullable=False),
        sa.Column("issued_at", Utc),
        sa.Column("xml_sha256", sa.String(64)),
        sa.Column("signing_due_at", Utc),
        sa.Column("pdf_due_at", Utc),
        sa.CheckConstraint("number >= 1", name=op.f("receipt_number_check")),
        sa.CheckConstraint("amount_minor_units > 0", name=op.f("receipt_amount_check")),
        sa.CheckConstraint("part BETWEEN 1 AND parts", name=op.f("receipt_part_check")),
        sa.CheckConstraint(
            "(status = 'numbered' AND issued_at IS NULL AND xml_sha256 IS NULL)"
            " OR (status = 'issued' AND issued_at IS NOT NULL AND xml_sha256 IS NOT NULL)",
            name=op.f("receipt_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name="receipt_pkey"),
        sa.ForeignKeyConstraint(
            ["payment_intent_id"],
            ["paid_fee.payment_intent_id"],
            name="receipt_payment_intent_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["agency_code", "form_code", "symbol"],
            ["receipt_series.agency_code", "receipt_series.form_code", "receipt_series.symbol"],
            name="receipt_series_fkey",
        ),
        sa.UniqueConstraint("lookup_code", name="receipt_lookup_code_key"),
        sa.UniqueConstraint(
            "agency_code", "form_code", "symbol", "number", name="receipt_series_number_key"
        ),
        sa.UniqueConstraint("payment_intent_id", "kind", name="receipt_payment_kind_key"),
    )
    for column in ("signing_due_at", "pdf_due_at"):
        waiting = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"receipt_{column}_idx",
            "receipt",
            [column],
            postgresql_where=waiting,
            sqlite_where=waiting,
        )


def _create_receipt_document() -> None:
    op.create_table(
        "receipt_document",
        sa.Column("receipt_id", sa.Uuid, nullable=False),
        sa.Column("form", sa.String(3), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", "form", name="receipt_document_pkey"),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name="receipt_document_receipt_id_fkey"
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION receipt_document_is_final() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'an issued document never changes'; END $$"
        )
        op.execute(
            "CREATE TRIGGER receipt_document_is_final BEFORE UPDATE OR DELETE ON receipt_document"
            " FOR EACH ROW EXECUTE FUNCTION receipt_document_is_final()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER receipt_document_is_final_{change.lower()} BEFORE {change}"
            " ON receipt_document"
            " BEGIN SELECT RAISE(ABORT, 'an issued document never changes'); END"
        )
