"""Who may do what for which agency."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0005"
down_revision = "0004"

LIVE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("granted_by", sa.String(80), nullable=False),
        sa.Column("granted_at", Utc, nullable=False),
        sa.Column("withdrawn_by", sa.String(80)),
        sa.Column("withdrawn_at", Utc),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_somebody"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="role_grant_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="role_grant_pkey"),
    )
    op.create_index(
        "role_grant_live_key",
        "role_grant",
        ["user_id", "role", "agency"],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )
    op.create_index("role_grant_agency_id_idx", "role_grant", ["agency", "id"])


def downgrade() -> None:
    op.drop_table("role_grant")
