"""A fee on its way back is shown where its dossier is tracked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("fee_request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "amount_minor_units",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("refund_id", name="refund_pkey"),
        sa.ForeignKeyConstraint(
            ["fee_request_id"], ["fee_request.id"], name="refund_fee_request_id_fkey"
        ),
    )
    op.create_index("refund_fee_request_id_idx", "refund", ["fee_request_id"])


def downgrade() -> None:
    op.drop_table("refund")
