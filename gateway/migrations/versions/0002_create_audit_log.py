"""Write every change down; a worker gives it its place in the log."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pending_pkey"),
    )


def downgrade() -> None:
    op.drop_table("audit_pending")
