"""What guards client assertions and proofs of possession against replay, for all gateways."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "token_use",
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("token_id", sa.String(128), nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("holder", "token_id", name="token_use_pkey"),
    )
    op.create_index("token_use_expires_at_idx", "token_use", ["expires_at"])


def downgrade() -> None:
    op.drop_table("token_use")
