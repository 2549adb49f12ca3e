"""Planned stops, and a line for every minute that somebody watched."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0009"
down_revision = "0008"

STANDING = sa.text("state IN ('announced', 'started')")


def upgrade() -> None:
    op.create_table(
        "maintenance_window",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("reason_vi", sa.Text, nullable=False),
        sa.Column("reason_en", sa.Text, nullable=False),
        sa.Column("starts_at", Utc, nullable=False),
        sa.Column("ends_at", Utc, nullable=False),
        sa.Column("announced_at", Utc, nullable=False),
        sa.Column("announced_by", sa.String(100), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", Utc),
        sa.Column("ended_at", Utc),
        sa.PrimaryKeyConstraint("id", name="maintenance_window_pkey"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint(
            "state IN ('announced', 'started', 'ended', 'cancelled')",
            name="state",
        ),
    )
    op.create_index(
        "maintenance_window_standing_idx",
        "maintenance_window",
        ["starts_at"],
        postgresql_where=STANDING,
        sqlite_where=STANDING,
    )
    op.create_table(
        "availability_minute",
        sa.Column("minute", Utc, nullable=False),
        sa.Column("up", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("minute", name="availability_minute_pkey"),
    )


def downgrade() -> None:
    op.drop_table("availability_minute")
    op.drop_table("maintenance_window")
