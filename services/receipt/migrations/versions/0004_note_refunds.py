"""What went back of a fee stands beside its receipt, and may come before it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "refund_note",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("payment_intent_id", sa.Uuid(), nullable=False),
        sa.Column(
            "amount_minor_units",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("refund_id", "kind", name="refund_note_pkey"),
        sa.CheckConstraint("amount_minor_units > 0", name=op.f("refund_note_amount_check")),
    )
    op.create_index(
        "refund_note_payment_intent_id_kind_idx", "refund_note", ["payment_intent_id", "kind"]
    )


def downgrade() -> None:
    op.drop_table("refund_note")
