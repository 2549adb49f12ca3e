"""Remember planned stops, for deadlines stand still while one holds."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("window_id", sa.Uuid, nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sa.PrimaryKeyConstraint("window_id", name="pause_pkey"),
        sa.CheckConstraint("ended_at >= started_at", name="ends_after_start"),
    )


def downgrade() -> None:
    op.drop_table("pause")
