"""Sign in with an account of another house."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.alter_column("password_hash", existing_type=sa.String(255), nullable=True)
    op.create_table(
        "federated_identity",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("linked_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account.id"], name="federated_identity_user_id_fkey"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name="federated_identity_pkey"),
    )
    op.create_index("federated_identity_user_id_idx", "federated_identity", ["user_id"])
    op.create_table(
        "federation_login",
        sa.Column("state_digest", sa.String(64), nullable=False),
        sa.Column("federation", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="federation_login_user_id_fkey"),
        sa.PrimaryKeyConstraint("state_digest", name="federation_login_pkey"),
    )
    op.create_index("federation_login_expires_at_idx", "federation_login", ["expires_at"])


def downgrade() -> None:
    op.drop_table("federation_login")
    op.drop_table("federated_identity")
    with op.batch_alter_table("account") as account:
        account.alter_column("password_hash", existing_type=sa.String(255), nullable=False)
