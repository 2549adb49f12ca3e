"""Write every change down, give it its place in one tree, and keep what was signed about it."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Utc

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature")
TABLES = ("audit_cosignature", "audit_checkpoint", "audit_node", "audit_leaf", "audit_pending")


def upgrade() -> None:
    op.create_table(
        "audit_pending",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pending_pkey"),
    )
    op.create_index("audit_pending_recorded_at_idx", "audit_pending", ["recorded_at", "id"])
    _create_log()
    _create_checkpoints()
    for table in APPEND_ONLY:
        _make_append_only(table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        _make_changeable(table)
    for table in TABLES:
        op.drop_table(table)


def _create_log() -> None:
    op.create_table(
        "audit_leaf",
        sa.Column("index", Big, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", Utc, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.CheckConstraint('"index" >= 0', name="index_not_negative"),
        sa.UniqueConstraint("id", name="audit_leaf_id_key"),
        sa.PrimaryKeyConstraint("index", name="audit_leaf_pkey"),
    )
    op.create_index("audit_leaf_subject_idx", "audit_leaf", ["subject", "index"])
    op.create_index("audit_leaf_actor_idx", "audit_leaf", ["actor", "index"])
    op.create_index("audit_leaf_action_idx", "audit_leaf", ["action", "index"])
    op.create_index("audit_leaf_recorded_at_idx", "audit_leaf", ["recorded_at"])
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("index", Big, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("level > 0", name="level_above_leaves"),
        sa.PrimaryKeyConstraint("level", "index", name="audit_node_pkey"),
    )


def _create_checkpoints() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", Big, nullable=False, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("jws", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("size", name="audit_checkpoint_pkey"),
    )
    op.create_table(
        "audit_cosignature",
        sa.Column("size", Big, nullable=False, autoincrement=False),
        sa.Column("witness", sa.Text, nullable=False),
        sa.Column("jws", sa.Text),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["size"], ["audit_checkpoint.size"], name="audit_cosignature_size_fkey"
        ),
        sa.PrimaryKeyConstraint("size", "witness", name="audit_cosignature_pkey"),
    )
    op.create_index("audit_cosignature_witness_idx", "audit_cosignature", ["witness", "size"])


def _make_append_only(table: str) -> None:
    # The function is of the first migration.
    if op.get_bind().dialect.name == "postgresql":
        for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{event.split()[0].lower()} "
                f"BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _make_changeable(table: str) -> None:
    # Dropping a table empties it on SQLite, which the triggers would refuse.
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "truncate"):
            op.execute(f"DROP TRIGGER {table}_refuse_{event} ON {table}")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_refuse_{event}")
