"""A dossier shows which of its receipts still counts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "receipt_standing",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(9), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", "standing", name="receipt_standing_pkey"),
    )


def downgrade() -> None:
    op.drop_table("receipt_standing")
