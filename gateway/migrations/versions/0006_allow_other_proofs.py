"""A confirmation may be proved in more ways than one, and certificates belong to accounts."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column(
        "confirmation",
        sa.Column("role", sa.String(16), nullable=False, server_default="payer"),
    )
    op.add_column("confirmation", sa.Column("proof_kind", sa.String(32)))
    op.add_column("confirmation", sa.Column("proof_sha256", sa.String(64)))
    op.execute(
        "UPDATE confirmation SET proof_kind = 'device-key', proof_sha256 = ''"
        " WHERE status = 'confirmed'"
    )
    # What proves stands in the evidence; here only how it is called and how to know it again.
    # One statement on either database: Alembic would rebuild SQLite's table without its checks.
    op.execute("ALTER TABLE confirmation DROP COLUMN jws")
    op.execute("ALTER TABLE confirmation DROP COLUMN totp_step")
    op.create_table(
        "certificate",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("authority", sa.String(16), nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("not_after", Utc, nullable=False),
        sa.Column("bound_at", Utc, nullable=False),
        sa.Column("removed_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="certificate_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="certificate_pkey"),
    )
    op.create_index("certificate_user_id_idx", "certificate", ["user_id"])


def downgrade() -> None:
    op.drop_table("certificate")
    op.add_column("confirmation", sa.Column("jws", sa.Text))
    op.add_column("confirmation", sa.Column("totp_step", Big))
    for column in ("role", "proof_kind", "proof_sha256"):
        op.execute(f"ALTER TABLE confirmation DROP COLUMN {column}")
