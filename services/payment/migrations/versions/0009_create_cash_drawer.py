"""The published ways to pay, and the drawers of the counter."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Document, Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "published_methods",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("published_at", Utc, nullable=False),
        sa.Column("methods", Document, nullable=False),
        sa.PrimaryKeyConstraint("name", name="published_methods_pkey"),
    )


def downgrade() -> None:
    op.drop_table("published_methods")
