"""Agencies, procedures, fees by period, ways to pay, and the events that wait."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_agency()
    _create_procedure()
    _create_fee_schedule()
    _create_payment_method()
    op.create_table(
        "load_lock",
        sa.Column("name", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name="load_lock_pkey"),
    )
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
        "load_lock",
        "payment_method",
        "fee_schedule",
        "procedure_agency",
        "procedure",
        "agency",
    ):
        op.drop_table(table)


def _create_agency() -> None:
    op.create_table(
        "agency",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("tax_code", sa.String(14), nullable=False),
        sa.Column("phone", sa.String(32)),
        sa.Column("bank_bin", sa.String(6), nullable=False),
        sa.Column("account_number", sa.String(19), nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.CheckConstraint("valid_to_on >= valid_from_on", name=op.f("agency_period_check")),
        sa.PrimaryKeyConstraint("code", name="agency_pkey"),
    )


def _create_procedure() -> None:
    op.create_table(
        "procedure",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("processing_days", sa.Integer),
        sa.Column("processing_day_kind", sa.String(8), nullable=False),
        sa.Column("illustrative", sa.Boolean, nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.CheckConstraint("valid_to_on >= valid_from_on", name=op.f("procedure_period_check")),
        sa.PrimaryKeyConstraint("code", name="procedure_pkey"),
    )
    op.create_table(
        "procedure_agency",
        sa.Column("procedure_code", sa.String(32), nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("procedure_code", "agency_code", name="procedure_agency_pkey"),
        sa.ForeignKeyConstraint(
            ["procedure_code"], ["procedure.code"], name="procedure_agency_procedure_code_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["agency_code"], ["agency.code"], name="procedure_agency_agency_code_fkey"
        ),
    )
    op.create_index("procedure_agency_agency_code_idx", "procedure_agency", ["agency_code"])


def _create_fee_schedule() -> None:
    op.create_table(
        "fee_schedule",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("procedure_code", sa.String(32), nullable=False),
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("lines", Document, nullable=False),
        sa.Column("explanation_vi", sa.Text, nullable=False),
        sa.Column("explanation_en", sa.Text, nullable=False),
        sa.CheckConstraint("valid_to_on >= valid_from_on", name=op.f("fee_schedule_period_check")),
        sa.PrimaryKeyConstraint("id", name="fee_schedule_pkey"),
        sa.ForeignKeyConstraint(
            ["procedure_code"], ["procedure.code"], name="fee_schedule_procedure_code_fkey"
        ),
        sa.UniqueConstraint(
            "procedure_code", "valid_from_on", name="fee_schedule_procedure_code_valid_from_on_key"
        ),
    )


def _create_payment_method() -> None:
    op.create_table(
        "payment_method",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name_vi", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("explanation_vi", sa.Text, nullable=False),
        sa.Column("explanation_en", sa.Text, nullable=False),
        sa.Column("fee_bearer", sa.String(16), nullable=False),
        sa.Column("limit_minor_units", Big),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("hours", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", name="payment_method_pkey"),
    )
