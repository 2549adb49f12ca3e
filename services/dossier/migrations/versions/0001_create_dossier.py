"""Create the tables of the dossier service.

The first release: nothing runs on them yet, so nobody is locked out.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_catalog_copies()
    _create_dossiers()
    _create_payment_facts()
    _create_mailboxes()


def downgrade() -> None:
    for table in (
        "inbox",
        "outbox",
        "slip",
        "receipt",
        "fee_request",
        "dossier_step",
        "applicant",
        "dossier",
        "submission",
        "dossier_counter",
        "fee_schedule",
        "procedure",
        "agency",
    ):
        op.drop_table(table)


def _create_catalog_copies() -> None:
    op.create_table(
        "agency",
        sa.Column("agency_code", sa.String(40), nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("phone", sa.String(40)),
        sa.Column("bank_bin", sa.String(12), nullable=False),
        sa.Column("account_number", sa.String(40), nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("published_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "valid_from_on", name="agency_pkey"),
    )
    op.create_table(
        "procedure",
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("agency_codes", Document, nullable=False),
        sa.Column("processing_days", sa.Integer),
        sa.Column("processing_day_kind", sa.String(20), nullable=False),
        sa.Column("published_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("procedure_code", "valid_from_on", name="procedure_pkey"),
    )
    op.create_table(
        "fee_schedule",
        sa.Column("schedule_id", sa.Uuid, nullable=False),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("lines", Document, nullable=False),
        sa.Column("published_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name="fee_schedule_pkey"),
    )
    op.create_index(
        "fee_schedule_procedure_code_valid_from_on_idx",
        "fee_schedule",
        ["procedure_code", "valid_from_on"],
    )


def _create_dossiers() -> None:
    op.create_table(
        "dossier_counter",
        sa.Column("agency_code", sa.String(40), nullable=False),
        sa.Column("counted_on", sa.Date, nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "counted_on", name="dossier_counter_pkey"),
    )
    op.create_table(
        "submission",
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_fingerprint", sa.String(64), nullable=False),
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "idempotency_key", name="submission_pkey"),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("procedure_name", sa.Text, nullable=False),
        sa.Column("processing_days", sa.Integer),
        sa.Column("processing_day_kind", sa.String(20), nullable=False),
        sa.Column("agency_code", sa.String(40), nullable=False),
        sa.Column("agency_name", sa.Text, nullable=False),
        sa.Column("agency_address", sa.Text, nullable=False),
        sa.Column("agency_phone", sa.String(40)),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("payer_type", sa.String(20), nullable=False),
        sa.Column("case_code", sa.String(60)),
        sa.Column("fee_lines", Document, nullable=False),
        sa.Column("fee_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("submitted_at", Utc, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("steps_made", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="dossier_pkey"),
        sa.UniqueConstraint("code", name="dossier_code_key"),
        sa.CheckConstraint("state BETWEEN 1 AND 10", name=op.f("dossier_state_check")),
        sa.CheckConstraint("fee_minor_units >= 0", name=op.f("dossier_fee_check")),
    )
    op.create_index("dossier_client_id_id_idx", "dossier", ["client_id", "id"])
    op.create_index("dossier_client_id_state_id_idx", "dossier", ["client_id", "state", "id"])
    op.create_table(
        "applicant",
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.Column("identity_number", sa.String(40)),
        sa.Column("address", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.String(40)),
        sa.PrimaryKeyConstraint("dossier_id", name="applicant_pkey"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="applicant_dossier_id_fkey"),
    )
    op.create_table(
        "dossier_step",
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("from_state", sa.Integer, nullable=False),
        sa.Column("to_state", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "position", name="dossier_step_pkey"),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name="dossier_step_dossier_id_fkey"
        ),
    )


def _create_payment_facts() -> None:
    op.create_table(
        "fee_request",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("bank_bin", sa.String(12), nullable=False),
        sa.Column("account_number", sa.String(40), nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("due_at", Utc, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("bill_reference", sa.String(60)),
        sa.Column("qr_payload", sa.Text),
        sa.Column("expires_at", Utc),
        sa.Column("paid_at", Utc),
        sa.PrimaryKeyConstraint("id", name="fee_request_pkey"),
        sa.UniqueConstraint("dossier_id", name="fee_request_dossier_id_key"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fee_request_dossier_id_fkey"),
        sa.CheckConstraint("amount_minor_units > 0", name=op.f("fee_request_amount_check")),
    )
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.Uuid, nullable=False),
        sa.Column("fee_request_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("form_code", sa.String(20), nullable=False),
        sa.Column("symbol", sa.String(20), nullable=False),
        sa.Column("number", Big, nullable=False),
        sa.Column("lookup_code", sa.String(60), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("issued_at", Utc, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name="receipt_pkey"),
        sa.ForeignKeyConstraint(
            ["fee_request_id"], ["fee_request.id"], name="receipt_fee_request_id_fkey"
        ),
    )
    op.create_index("receipt_fee_request_id_idx", "receipt", ["fee_request_id"])
    op.create_table(
        "slip",
        sa.Column("dossier_id", sa.Uuid, nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("pdf", sa.LargeBinary, nullable=False),
        sa.Column("drawn_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "content_sha256", name="slip_pkey"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="slip_dossier_id_fkey"),
    )


def _create_mailboxes() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("outbox_stored_at_idx", "outbox", ["stored_at"])
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("consumer", sa.String(100), nullable=False),
        sa.Column("claimed_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name="inbox_pkey"),
    )
    op.create_index("inbox_claimed_at_idx", "inbox", ["claimed_at"])
