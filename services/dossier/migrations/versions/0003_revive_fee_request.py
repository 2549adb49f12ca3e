"""Remember until when an expired fee was revived, so that older news of its end is known as old.

Expand: nullable, so the running release keeps working.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("fee_request", sa.Column("revived_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("fee_request", "revived_until")
