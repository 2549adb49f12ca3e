"""Settled fees without their receipts are found, and receipts without a settled fee.

The index follows the settlements in their order, so that each is looked at once.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0012"
down_revision = "0011"

INDEX = "payment_intent_succeeded_at_idx"
PAID = sa.text("status = 'succeeded'")
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "receipt_note",
        sa.Column("receipt_id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("issued_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name="receipt_note_pkey"),
    )
    op.create_index("receipt_note_payment_intent_id_idx", "receipt_note", ["payment_intent_id"])
    op.create_table(
        "receipt_watch",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("watched_until", Utc, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("receipt_watch_one_row_check")),
        sa.PrimaryKeyConstraint("id", name="receipt_watch_pkey"),
    )
    op.create_table(
        "receipt_gap",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("expected", sa.Integer, nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("settled_at", Utc),
        sa.Column("found_at", Utc, nullable=False),
        sa.Column("closed_at", Utc),
        sa.CheckConstraint(
            "reason IN ('no_receipt', 'no_settled_fee', 'too_many_receipts')",
            name=op.f("receipt_gap_reason_check"),
        ),
        sa.PrimaryKeyConstraint("id", name="receipt_gap_pkey"),
    )
    op.create_index(
        "receipt_gap_open_key",
        "receipt_gap",
        ["payment_intent_id", "reason"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("receipt_gap_agency_code_id_idx", "receipt_gap", ["agency_code", "id"])
    op.create_index(
        INDEX, "payment_intent", ["succeeded_at"], postgresql_where=PAID, sqlite_where=PAID
    )


def downgrade() -> None:
    op.drop_index(INDEX, "payment_intent")
    for table in ("receipt_gap", "receipt_watch", "receipt_note"):
        op.drop_table(table)
