"""Letters that failed are found among all that went well."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INDEX = "message_failed_idx"
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.create_index(INDEX, "message", ["id"], postgresql_where=FAILED, sqlite_where=FAILED)


def downgrade() -> None:
    op.drop_index(INDEX, "message")
