"""Passkeys, recovery codes and what a session knows of its opening."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0004"
down_revision = "0003"

SESSION_COLUMNS = ("family_id", "acr", "authenticated_at", "seen_at", "idle_until", "rotated_at")


def upgrade() -> None:
    # How an older session was opened nobody wrote down: its person signs in anew.
    op.execute("DELETE FROM session")
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("family_id", sa.Uuid, nullable=False))
        session.add_column(sa.Column("acr", sa.String(64), nullable=False))
        session.add_column(sa.Column("authenticated_at", Utc, nullable=False))
        session.add_column(sa.Column("seen_at", Utc, nullable=False))
        session.add_column(sa.Column("idle_until", Utc, nullable=False))
        session.add_column(sa.Column("rotated_at", Utc))
    op.create_index("session_family_id_idx", "session", ["family_id"])
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("totp_next_sealed", sa.Text))
        account.add_column(sa.Column("wrong_codes", sa.Integer, nullable=False, server_default="0"))
        account.add_column(sa.Column("codes_locked_until", Utc))
    _create_passkeys()
    _create_recovery_codes()


def downgrade() -> None:
    op.drop_table("recovery_code")
    op.drop_table("passkey_challenge")
    op.drop_table("passkey")
    with op.batch_alter_table("account") as account:
        for column in ("totp_next_sealed", "wrong_codes", "codes_locked_until"):
            account.drop_column(column)
    op.drop_index("session_family_id_idx", "session")
    with op.batch_alter_table("session") as session:
        for column in SESSION_COLUMNS:
            session.drop_column(column)


def _create_passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(1364), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", Big, nullable=False),
        sa.Column("transports", Document, nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("backup_eligible", sa.Boolean, nullable=False),
        sa.Column("backed_up", sa.Boolean, nullable=False),
        sa.Column("payment", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="passkey_user_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="passkey_pkey"),
    )
    op.create_index("passkey_user_id_idx", "passkey", ["user_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("text", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("payment", sa.Boolean, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="passkey_challenge_user_id_fkey"),
        sa.PrimaryKeyConstraint("text", name="passkey_challenge_pkey"),
    )
    op.create_index("passkey_challenge_expires_at_idx", "passkey_challenge", ["expires_at"])


def _create_recovery_codes() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="recovery_code_user_id_fkey"),
        sa.PrimaryKeyConstraint("digest", name="recovery_code_pkey"),
    )
    op.create_index("recovery_code_user_id_idx", "recovery_code", ["user_id"])
