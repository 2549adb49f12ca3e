"""What a signer that was down left behind is signed in the order of its numbers.

The row that is locked while numbers are drawn also says whether new receipts wait behind older
ones, so that nobody who draws can miss it.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Utc

revision = "0008"
down_revision = "0007"

INDEX = "receipt_series_signing_waits_idx"
WAITS = sa.text("signing_waits")


def upgrade() -> None:
    op.add_column(
        "receipt_series",
        sa.Column("signing_waits", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column("receipt_series", sa.Column("signing_leased_until", Utc))
    op.create_index(
        INDEX, "receipt_series", ["agency_code"], postgresql_where=WAITS, sqlite_where=WAITS
    )


def downgrade() -> None:
    op.drop_index(INDEX, "receipt_series")
    op.drop_column("receipt_series", "signing_leased_until")
    op.drop_column("receipt_series", "signing_waits")
