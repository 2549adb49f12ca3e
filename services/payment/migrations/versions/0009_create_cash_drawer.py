"""The published ways to pay, and the counter: drawers, their counts, cash and terminal slips."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0009"
down_revision = "0008"

OPEN = "status = 'open'"
NOT_CLOSED = "status <> 'closed'"


def upgrade() -> None:
    op.create_table(
        "published_methods",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("published_at", Utc, nullable=False),
        sa.Column("methods", Document, nullable=False),
        sa.PrimaryKeyConstraint("name", name="published_methods_pkey"),
    )
    _create_cash_drawer()
    _create_cash_count()
    _create_cash_payment()
    _create_pos_payment()


def downgrade() -> None:
    for table in ("pos_payment", "cash_payment", "cash_count", "cash_drawer", "published_methods"):
        op.drop_table(table)


def _request() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_fingerprint", sa.String(64), nullable=False),
    )


def _create_cash_drawer() -> None:
    op.create_table(
        "cash_drawer",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("desk", sa.String(50), nullable=False),
        sa.Column("drawer", sa.String(50), nullable=False),
        sa.Column("officer", sa.String(100), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("float_minor_units", Big, nullable=False),
        sa.Column("taken_minor_units", Big, nullable=False),
        sa.Column("payments", sa.Integer, nullable=False),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("count_number", sa.Integer, nullable=False),
        sa.Column("counted_minor_units", Big),
        sa.Column("reason", sa.Text),
        sa.Column("counted_at", Utc),
        sa.Column("signed_by", sa.String(100)),
        sa.Column("signed_at", Utc),
        *_request(),
        sa.PrimaryKeyConstraint("id", name="cash_drawer_pkey"),
        sa.UniqueConstraint(
            "officer", "idempotency_key", name="cash_drawer_officer_idempotency_key_key"
        ),
        sa.CheckConstraint(
            "status IN ('open', 'closing', 'closed')", name=op.f("cash_drawer_status_check")
        ),
        sa.CheckConstraint(
            "float_minor_units >= 0 AND taken_minor_units >= 0",
            name=op.f("cash_drawer_amounts_check"),
        ),
        sa.CheckConstraint(
            "(status = 'open') = (counted_minor_units IS NULL)",
            name=op.f("cash_drawer_counted_check"),
        ),
        sa.CheckConstraint(
            "counted_minor_units IS NULL OR reason IS NOT NULL"
            " OR counted_minor_units = float_minor_units + taken_minor_units",
            name=op.f("cash_drawer_reason_check"),
        ),
        sa.CheckConstraint(
            "(status = 'closed') = (signed_by IS NOT NULL) AND signed_by <> officer",
            name=op.f("cash_drawer_signed_check"),
        ),
    )
    op.create_index(
        "cash_drawer_officer_open_key",
        "cash_drawer",
        ["officer"],
        unique=True,
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.create_index(
        "cash_drawer_in_use_key",
        "cash_drawer",
        ["agency_code", "drawer"],
        unique=True,
        postgresql_where=sa.text(NOT_CLOSED),
        sqlite_where=sa.text(NOT_CLOSED),
    )
    op.create_index("cash_drawer_agency_code_id_idx", "cash_drawer", ["agency_code", "id"])


def _create_cash_count() -> None:
    op.create_table(
        "cash_count",
        sa.Column("cash_drawer_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("taken_minor_units", Big, nullable=False),
        sa.Column("counted_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("counted_by", sa.String(100), nullable=False),
        sa.Column("counted_at", Utc, nullable=False),
        *_request(),
        sa.PrimaryKeyConstraint("cash_drawer_id", "number", name="cash_count_pkey"),
        sa.ForeignKeyConstraint(
            ["cash_drawer_id"], ["cash_drawer.id"], name="cash_count_cash_drawer_id_fkey"
        ),
        sa.UniqueConstraint(
            "counted_by", "idempotency_key", name="cash_count_counted_by_idempotency_key_key"
        ),
        sa.CheckConstraint("counted_minor_units >= 0", name=op.f("cash_count_counted_check")),
    )


def _create_cash_payment() -> None:
    op.create_table(
        "cash_payment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("cash_drawer_id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("officer", sa.String(100), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("tendered_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("paid_at", Utc, nullable=False),
        *_request(),
        sa.PrimaryKeyConstraint("id", name="cash_payment_pkey"),
        sa.ForeignKeyConstraint(
            ["cash_drawer_id"], ["cash_drawer.id"], name="cash_payment_cash_drawer_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["payment_intent_id"],
            ["payment_intent.id"],
            name="cash_payment_payment_intent_id_fkey",
        ),
        sa.UniqueConstraint("payment_intent_id", name="cash_payment_payment_intent_id_key"),
        sa.UniqueConstraint(
            "officer", "idempotency_key", name="cash_payment_officer_idempotency_key_key"
        ),
        sa.CheckConstraint(
            "amount_minor_units > 0 AND tendered_minor_units >= amount_minor_units",
            name=op.f("cash_payment_amounts_check"),
        ),
    )
    op.create_index("cash_payment_cash_drawer_id_id_idx", "cash_payment", ["cash_drawer_id", "id"])


def _create_pos_payment() -> None:
    op.create_table(
        "pos_payment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("officer", sa.String(100), nullable=False),
        sa.Column("terminal_id", sa.String(8), nullable=False),
        sa.Column("batch_no", sa.String(6), nullable=False),
        sa.Column("approval_code", sa.String(6), nullable=False),
        sa.Column("card_scheme", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("paid_at", Utc, nullable=False),
        sa.Column("discrepancy_reason", sa.String(30)),
        *_request(),
        sa.PrimaryKeyConstraint("id", name="pos_payment_pkey"),
        sa.ForeignKeyConstraint(
            ["payment_intent_id"], ["payment_intent.id"], name="pos_payment_payment_intent_id_fkey"
        ),
        sa.UniqueConstraint(
            "officer", "idempotency_key", name="pos_payment_officer_idempotency_key_key"
        ),
        sa.UniqueConstraint(
            "terminal_id",
            "batch_no",
            "reference",
            name="pos_payment_terminal_id_batch_no_reference_key",
        ),
        sa.CheckConstraint("amount_minor_units > 0", name=op.f("pos_payment_amount_check")),
    )
    op.create_index("pos_payment_payment_intent_id_idx", "pos_payment", ["payment_intent_id"])
    op.create_index(
        "pos_payment_agency_code_batch_idx",
        "pos_payment",
        ["agency_code", "terminal_id", "batch_no"],
    )
