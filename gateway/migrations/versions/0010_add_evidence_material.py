"""Keep what a time-stamping authority said of the audit log's checkpoints."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Utc

revision = "0010"
down_revision = "0009"

TABLE = "checkpoint_stamp"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("size", Big, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["size"], ["audit_checkpoint.size"], name="checkpoint_stamp_size_fkey"
        ),
        sa.PrimaryKeyConstraint("size", name="checkpoint_stamp_pkey"),
    )
    # The function is of the first migration.
    if op.get_bind().dialect.name == "postgresql":
        for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {TABLE}_refuse_{event.split()[0].lower()} "
                f"BEFORE {event} ON {TABLE} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_refuse_{event.lower()} BEFORE {event} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        )


def downgrade() -> None:
    # Dropping a table empties it on SQLite, which the triggers would refuse.
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "truncate"):
            op.execute(f"DROP TRIGGER {TABLE}_refuse_{event} ON {TABLE}")
    else:
        for event in ("update", "delete"):
            op.execute(f"DROP TRIGGER {TABLE}_refuse_{event}")
    op.drop_table(TABLE)
