"""Keys are registered, approved, retired and revoked, and every step of it is kept.

Expand: what joins existing tables is nullable or has a default, so the running release goes on.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Document, Utc

revision = "0003"
down_revision = "0002"

CLIENT_COLUMNS = ("contact_agency", "splits_target", "networks")
KEY_COLUMNS = (
    "registered_by",
    "approved_at",
    "approved_by",
    "retires_at",
    "expires_at",
    "certificate_thumbprint",
)


def upgrade() -> None:
    _widen_client()
    _widen_client_key()
    op.create_table(
        "key_challenge",
        sa.Column("text", sa.String(160), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="key_challenge_client_id_fkey"),
        sa.PrimaryKeyConstraint("text", name="key_challenge_pkey"),
    )
    op.create_index("key_challenge_client_id_idx", "key_challenge", ["client_id"])
    op.create_index("key_challenge_expires_at_idx", "key_challenge", ["expires_at"])
    op.create_table(
        "client_key_event",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.ForeignKeyConstraint(["key_id"], ["client_key.id"], name="client_key_event_key_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="client_key_event_pkey"),
    )
    op.create_index("client_key_event_key_id_idx", "client_key_event", ["key_id"])
    _refuse_change()


def downgrade() -> None:
    _allow_change()
    op.drop_table("client_key_event")
    op.drop_table("key_challenge")
    for column in reversed(KEY_COLUMNS):
        op.drop_column("client_key", column)
    for column in reversed(CLIENT_COLUMNS):
        op.drop_column("client", column)


def _widen_client() -> None:
    op.add_column("client", sa.Column("contact_agency", sa.String(32)))
    never, nothing = sa.false(), sa.text("'[]'")
    op.add_column(
        "client", sa.Column("splits_target", sa.Boolean, nullable=False, server_default=never)
    )
    op.add_column("client", sa.Column("networks", Document, nullable=False, server_default=nothing))


def _widen_client_key() -> None:
    op.add_column("client_key", sa.Column("registered_by", sa.String(128)))
    op.add_column("client_key", sa.Column("approved_at", Utc))
    op.add_column("client_key", sa.Column("approved_by", sa.String(128)))
    op.add_column("client_key", sa.Column("retires_at", Utc))
    op.add_column("client_key", sa.Column("expires_at", Utc))
    op.add_column("client_key", sa.Column("certificate_thumbprint", sa.String(64)))


def _refuse_change() -> None:
    """The function stands since 0001."""
    if op.get_bind().dialect.name == "postgresql":
        for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER client_key_event_refuse_{event.split()[0].lower()} "
                f"BEFORE {event} ON client_key_event "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER client_key_event_refuse_{event.lower()} "
            f"BEFORE {event} ON client_key_event "
            "BEGIN SELECT RAISE(ABORT, 'client_key_event is append-only'); END"
        )


def _allow_change() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "truncate"):
            op.execute(f"DROP TRIGGER client_key_event_refuse_{event} ON client_key_event")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER client_key_event_refuse_{event}")
