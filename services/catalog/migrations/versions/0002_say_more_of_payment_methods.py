"""Where a way to pay can be used, when, from which amount on, and with which banks or cards.

Nullable: rows of an older file say nothing of it, and the next load replaces them.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document

revision = "0002"
down_revision = "0001"

TABLE = "payment_method"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("minimum_minor_units", Big))
    for name in ("openings", "places", "brands"):
        op.add_column(TABLE, sa.Column(name, Document))
    op.add_column(TABLE, sa.Column("illustrative", sa.Boolean))


def downgrade() -> None:
    for name in ("illustrative", "brands", "places", "openings", "minimum_minor_units"):
        op.drop_column(TABLE, name)
